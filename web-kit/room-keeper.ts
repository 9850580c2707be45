// Keeps the copies of all watched rooms complete: asks, re-asks after a gap, tells those who listen.
// What one message does to one copy is decided in rooms.ts; the connection itself lies in live.ts.
import { monotonicMs } from "./age.ts";
import {
  behind,
  emptyRoom,
  type RoomCopy,
  takeFact,
  takeSnapshot,
  takeTick,
  takeWall,
} from "./rooms.ts";
import type { Fact, Tick, WallUpdate, Watched as WatchAck } from "../wire/live.ts";

/** The part of a socket that is used here; a test gives its own. */
export interface LiveSocket {
  connected: boolean;
  on(event: string, take: (...args: never[]) => void): unknown;
  emit(event: string, ...args: unknown[]): unknown;
  timeout(ms: number): { emitWithAck(event: string, ...args: unknown[]): Promise<unknown> };
  connect(): unknown;
  disconnect(): unknown;
}

export interface RoomEar {
  /** The copy changed: by a snapshot, a fact or a tick. */
  changed?(copy: RoomCopy, fact?: Fact): void;
  wall?(message: WallUpdate): void;
  /** Not visible (any longer) for this user. */
  refused?(code: string): void;
}

interface Watched {
  copy: RoomCopy;
  ears: Set<RoomEar>;
  asking: boolean;
  /** Newest v that was heard of, taken in or not. */
  heardV: number;
}

/** Codes by which a session is over: a fresh token brings everything back. */
export const endsSession = (code: string): boolean =>
  code === "auth.expired" || code === "auth.required";

const ACK_MS = 8000;
const AGAIN_MS = 1000;

export class RoomKeeper {
  readonly #rooms = new Map<string, Watched>();
  readonly #socket: LiveSocket;

  constructor(socket: LiveSocket) {
    this.#socket = socket;
    socket.on("fact", (fact: Fact) => this.#takeFact(fact));
    socket.on("tick", (tick: Tick) => this.#takeTick(tick));
    socket.on("wall", (message: WallUpdate) => this.#takeWall(message));
    socket.on("head", (head: Record<string, number>) => this.#takeHead(head));
    socket.on("revoked", ({ room, code }: { room: string; code: string }) => {
      // the session ended, not the right: the room comes back with the next handshake
      if (!endsSession(code)) this.#drop(room, code);
    });
  }

  watch(room: string, ear: RoomEar): () => void {
    const known = this.#rooms.get(room);
    const watched = known ?? { copy: emptyRoom(), ears: new Set(), asking: false, heardV: -1 };
    this.#rooms.set(room, watched);
    watched.ears.add(ear);
    if (known === undefined) void this.#ask([room]);
    else if (watched.copy.v >= 0) ear.changed?.(watched.copy);
    return () => {
      watched.ears.delete(ear);
      if (watched.ears.size > 0 || this.#rooms.get(room) !== watched) return;
      this.#rooms.delete(room);
      if (this.#socket.connected) this.#socket.emit("unwatch", { rooms: [room] });
    };
  }

  /** After a new connection: every room again, each with the v known here. */
  askAll(): void {
    for (const watched of this.#rooms.values()) {
      watched.asking = false;
      watched.heardV = -1;
    }
    void this.#ask([...this.#rooms.keys()]);
  }

  clear(): void {
    this.#rooms.clear();
  }

  /** What is already being asked is not asked twice. */
  async #ask(names: string[]): Promise<void> {
    const wanted = names.filter((room) => this.#rooms.get(room)?.asking === false);
    if (wanted.length === 0 || !this.#socket.connected) return;
    const rooms = wanted.map((room) => {
      const watched = this.#rooms.get(room)!;
      watched.asking = true;
      return watched.copy.v < 0 ? { room } : { room, v: watched.copy.v };
    });
    const ack = await this.#socket.timeout(ACK_MS).emitWithAck("watch", { rooms })
      .catch(() => null) as Partial<WatchAck> | null;
    for (const room of wanted) {
      const watched = this.#rooms.get(room);
      if (watched !== undefined) watched.asking = false;
    }
    if (ack === null) {
      setTimeout(() => void this.#ask(wanted), AGAIN_MS * (1 + Math.random()));
      return;
    }
    this.#takeAck(ack);
    // what was said while the answer was on its way may already be beyond it
    const late = wanted.filter((room) => {
      const watched = this.#rooms.get(room);
      return watched !== undefined && watched.copy.v >= 0 && watched.copy.v < watched.heardV;
    });
    if (late.length > 0) setTimeout(() => void this.#ask(late), AGAIN_MS * Math.random());
  }

  #takeAck(ack: Partial<WatchAck>): void {
    for (const { room, code } of ack.refused ?? []) this.#drop(room, code);
    for (const { room, v, snapshot, events } of ack.rooms ?? []) {
      const watched = this.#rooms.get(room);
      if (watched === undefined) continue;
      if (events === undefined) takeSnapshot(watched.copy, v, snapshot);
      else for (const fact of events) takeFact(watched.copy, fact);
      for (const ear of watched.ears) ear.changed?.(watched.copy);
    }
  }

  #takeFact(fact: Fact): void {
    const watched = this.#rooms.get(fact.room);
    if (watched === undefined) return;
    watched.heardV = Math.max(watched.heardV, fact.v);
    const verdict = takeFact(watched.copy, fact);
    if (verdict === "gap") void this.#ask([fact.room]);
    if (verdict !== "applied") return;
    for (const ear of watched.ears) ear.changed?.(watched.copy, fact);
  }

  #takeTick(tick: Tick): void {
    const watched = this.#rooms.get(tick.room);
    if (watched === undefined) return;
    if (takeTick(watched.copy, tick, monotonicMs()) !== "applied") return;
    for (const ear of watched.ears) ear.changed?.(watched.copy);
  }

  #takeWall(message: WallUpdate): void {
    const watched = this.#rooms.get(message.room);
    if (watched === undefined) return;
    const verdict = takeWall(watched.copy, message);
    if (verdict === "gap") void this.#ask([message.room]);
    if (verdict !== "applied") return;
    for (const ear of watched.ears) ear.wall?.(message);
  }

  #takeHead(head: Record<string, number>): void {
    const copies = new Map([...this.#rooms].map(([room, { copy }]) => [room, copy]));
    void this.#ask(behind(copies, head));
  }

  #drop(room: string, code: string): void {
    const watched = this.#rooms.get(room);
    this.#rooms.delete(room);
    for (const ear of watched?.ears ?? []) ear.refused?.(code);
  }
}
