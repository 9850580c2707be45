// Who watches what: facts, ticks, notices and alerts on their way from the journal and the bus to
// sockets. Nothing goes to a socket whose session is over.
import type { Address, JournalRecord } from "../../wire/envelope.ts";
import { type Fact, notice, tick, type WallUpdate } from "../../wire/live.ts";
import { addressOfLive } from "../../wire/subjects.ts";
import { sayRefused } from "../say-refused.ts";
import { Alerts, type Raised } from "./alerts.ts";
import type { Connection, Membership } from "./connection.ts";
import { type Happened, History, keyOf } from "./history.ts";
import { paced } from "./pace.ts";
import type { LiveDeps, LiveLimits } from "./ports.ts";
import { inScope } from "./rooms.ts";
import { Wall } from "./wall.ts";

export class Hub {
  readonly connections = new Set<Connection>();
  readonly history: History;
  readonly alerts: Alerts;
  readonly wall: Wall<Connection>;
  /** One log line for each refused input. */
  readonly refused: ReturnType<typeof sayRefused>;
  /** Actor -> its watchers. */
  #watchers = new Map<string, Map<Connection, Membership>>();

  constructor(private readonly deps: LiveDeps, private readonly limits: LiveLimits) {
    this.history = new History(deps.viewOf, limits);
    this.alerts = new Alerts(deps.board, deps.viewOf);
    this.refused = sayRefused(deps);
    this.wall = new Wall(
      deps.board,
      deps.clock,
      (member, update) => this.#sendWall(member, update),
    );
  }

  join(connection: Connection, membership: Membership): void {
    connection.rooms.set(membership.target.room, membership);
    const key = this.#keyOf(connection, membership);
    if (key === null) return;
    const watchers = this.#watchers.get(key) ?? new Map<Connection, Membership>();
    this.#watchers.set(key, watchers.set(connection, membership));
  }
  leave(connection: Connection, room: string): void {
    const membership = connection.rooms.get(room);
    if (!membership) return;
    connection.rooms.delete(room);
    if (membership.target.kind === "wall") this.wall.leave(connection, room);
    const key = this.#keyOf(connection, membership);
    const watchers = key === null ? undefined : this.#watchers.get(key);
    watchers?.delete(connection);
    if (key !== null && watchers?.size === 0) this.#watchers.delete(key);
  }
  leaveAll(connection: Connection): void {
    connection.isOver = true;
    for (const room of connection.rooms.keys()) this.leave(connection, room);
    this.connections.delete(connection);
  }
  #keyOf({ viewer: { tenant } }: Connection, { target }: Membership): string | null {
    return target.kind === "actor" ? keyOf({ tenant, ...target.actor }) : null;
  }

  /** A journal record, in its actor's order. */
  onRecord(address: Address, record: JournalRecord): void {
    for (const raised of this.alerts.take(address, record)) this.#alert(raised);
    if (address.kind === "inbox") this.#notices(address, record);
    const happened = this.history.take(address, record);
    if (happened === null) return;
    const watchers = this.#watchers.get(keyOf(address));
    if (!watchers) return;
    this.#drawn(address, record.cause.trace, watchers.size);
    for (const [connection, membership] of watchers) {
      const fact = factFor(connection, membership.target.room, happened);
      if (membership.waiting) membership.waiting.push(fact);
      else this.tell(connection, membership, fact);
    }
  }
  /** The end of the way: what was asked for is on its way to screens. */
  #drawn({ kind, id }: Address, trace: string | undefined, sockets: number): void {
    if (!this.deps.tracer || trace === undefined) return;
    const facts = { "actor.kind": kind, "actor.id": id, sockets };
    void this.deps.tracer.span(`socket ${kind}`, trace, facts, () => Promise.resolve());
  }
  /** Sends a fact that the client does not have yet. */
  tell(connection: Connection, membership: Membership, fact: Fact): void {
    if (connection.isOver || fact.v <= membership.v) return;
    membership.v = fact.v;
    connection.socket.emit("fact", fact);
    this.deps.metrics.count("live_facts");
    if (connection.isHopeless()) this.cut(connection, "slow");
  }
  cut(connection: Connection, why: string): void {
    this.deps.metrics.count("live_cut", { why });
    connection.socket.disconnect(true);
  }

  /** Lossy messages of the bus: ticks, ended sessions. */
  onLive(subject: string, data: unknown): void {
    const address = addressOfLive(subject);
    switch (address.kind) {
      case "revoked":
        return this.#revoked(address);
      case "order":
      case "pile":
        return this.#tick(address, data);
      default: // other services speak on the same subjects
        return;
    }
  }
  #tick(address: Address, data: unknown): void {
    const watchers = this.#watchers.get(keyOf(address));
    const isOrder = address.kind === "order";
    if (!watchers && !isOrder) return;
    const fields = typeof data === "object" && data !== null ? data : {};
    const room = `${address.kind}:${address.id}`;
    const parsed = tick.safeParse({ ...fields, room });
    if (!parsed.success) return;
    if (isOrder) this.deps.board.tick(address.tenant, address.id, parsed.data.powerW);
    const now = this.deps.clock.tick();
    for (const [connection, membership] of watchers ?? []) {
      const tickedAt = paced(membership.tickedAt, now, this.limits);
      if (tickedAt === null || membership.waiting || connection.isOver) continue;
      // What a connector costs somebody is not for passers-by.
      if (!isOrder && connection.viewer.kind === "driver") continue;
      if (this.#unticked(connection)) continue;
      if (connection.isBehind()) {
        this.deps.metrics.count("live_ticks_dropped");
        continue;
      }
      membership.tickedAt = tickedAt;
      // not `volatile`: that leaves out all but the first of what comes in one moment
      connection.socket.emit("tick", parsed.data);
    }
  }
  #unticked({ viewer }: Connection): boolean {
    const { without } = this.deps;
    return viewer.kind === "driver" && (without?.(viewer.userId).has("live.ticks") ?? false);
  }
  /** What an inbox took, to each page of its person; what was read anywhere is said no more. */
  #notices({ tenant, id }: Address, { events }: JournalRecord): void {
    const fresh = events.filter(({ type }) => type === "NoticeTaken")
      .map(({ id, code, facts }) => notice.parse({ id, code, facts }));
    const over = events.flatMap(({ type, id, ids }) =>
      type === "NoticeAcked" ? [id] : type === "NoticesRead" ? ids as unknown[] : []
    ).map(String);
    if (fresh.length + over.length === 0) return;
    for (const connection of this.connections) {
      const { viewer } = connection;
      if (viewer.kind !== "driver" || viewer.tenant !== tenant || viewer.userId !== id) continue;
      if (connection.isOver) continue;
      if (this.deps.without?.(id).has("notice.socket")) continue;
      for (const one of fresh) {
        connection.unread.set(one.id, one);
        connection.socket.emit("notice", one);
      }
      for (const one of over) connection.unread.delete(one);
    }
  }
  #revoked({ tenant, id: sid }: Address): void {
    for (const connection of this.connections) {
      const { viewer } = connection;
      if (viewer.tenant === tenant && viewer.sid === sid) this.end(connection, "auth.required");
    }
  }
  /** The session is over: each room is told, nothing more is sent. */
  end(connection: Connection, code: string): void {
    if (connection.isOver) return;
    for (const room of connection.rooms.keys()) connection.socket.emit("revoked", { room, code });
    this.leaveAll(connection);
    connection.socket.disconnect(true);
  }
  #alert({ tenant, stationId, alert }: Raised): void {
    for (const connection of this.connections) {
      const { viewer, rooms } = connection;
      if (viewer.tenant !== tenant || !rooms.has("alerts")) continue;
      if (inScope(viewer, stationId)) connection.socket.emit("alert", alert);
    }
  }
  #sendWall(connection: Connection, update: WallUpdate): void {
    if (connection.isOver) return;
    // A row left out is a gap in seq: the client watches again when it can.
    if (connection.isCrowded()) this.deps.metrics.count("live_wall_dropped");
    else connection.socket.emit("wall", update);
  }
}

export function factFor({ viewer }: Connection, room: string, happened: Happened): Fact {
  const { v, at, type, sv, events, view, open } = happened;
  return { room, v, at, type, sv, data: { events, view: viewer.kind === "ops" ? view : open } };
}
