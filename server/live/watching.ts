// Taking up a room: permission by the actor itself, then what was missed, or a snapshot; facts that
// come meanwhile wait and follow.
import type { Watched } from "../../wire/live.ts";
import type { Connection, Membership } from "./connection.ts";
import { openView } from "./history.ts";
import { factFor, type Hub } from "./hub.ts";
import type { LiveDeps, LiveLimits } from "./ports.ts";
import { inScope, principalOf, type Target, targetOf } from "./rooms.ts";

type Taken = Watched["rooms"][number];
type Refused = Watched["refused"][number];

type TakenUp = { taken: Taken; after?: () => void } | Refused;

export interface Watching {
  /** `after` sends what came meanwhile: to be called after the answer has gone. */
  watch(
    connection: Connection,
    rooms: { room: string; v?: number | undefined }[],
  ): Promise<{ answer: Watched; after(): void }>;
  /** Rights have changed: rooms that are not for this viewer any more are left. */
  recheck(connection: Connection): Promise<void>;
}

export function createWatching(deps: LiveDeps, hub: Hub, limits: LiveLimits): Watching {
  return {
    async watch(connection, rooms) {
      const all = rooms.map(({ room, v }) => takeUp(deps, hub, limits, connection, room, v));
      const answer: Watched = { rooms: [], refused: [] };
      const afters: (() => void)[] = [];
      for (const result of await Promise.all(all)) {
        if ("taken" in result) {
          answer.rooms.push(result.taken);
          if (result.after) afters.push(result.after);
        } else answer.refused.push(result);
      }
      return { answer, after: () => afters.forEach((after) => after()) };
    },
    async recheck(connection) {
      // rooms are left and entered meanwhile
      for (const { target } of Array.from(connection.rooms.values())) {
        const code = await whyNot(deps, connection, target);
        if (code === null) continue;
        hub.leave(connection, target.room);
        connection.socket.emit("revoked", { room: target.room, code });
      }
    },
  };
}

async function takeUp(
  deps: LiveDeps,
  hub: Hub,
  limits: LiveLimits,
  connection: Connection,
  room: string,
  known: number | undefined,
): Promise<TakenUp> {
  const target = targetOf(room, connection.viewer);
  if (!target) return { room, code: "auth.forbidden" };
  hub.leave(connection, room);
  if (connection.rooms.size >= limits.rooms) return { room, code: "request.too-large" };
  switch (target.kind) {
    case "wall":
      return { taken: takeWall(hub, connection, target) };
    case "alerts":
      return { taken: takeAlerts(hub, connection, target) };
    case "actor":
      return await takeActor(deps, hub, connection, target, known);
  }
}

function takeWall(
  hub: Hub,
  connection: Connection,
  target: Extract<Target, { kind: "wall" }>,
): Taken {
  const { room, stationId } = target;
  hub.join(connection, { target, waiting: null, v: 0, tickedAt: 0 });
  return { room, ...hub.wall.join(connection, connection.viewer, room, stationId) };
}

function takeAlerts(hub: Hub, connection: Connection, target: Target): Taken {
  hub.join(connection, { target, waiting: null, v: 0, tickedAt: 0 });
  const items = hub.alerts.newest(connection.viewer.tenant)
    .filter(({ stationId }) => inScope(connection.viewer, stationId))
    .map(({ alert }) => alert);
  return { room: target.room, v: 0, snapshot: { items } };
}

async function takeActor(
  deps: LiveDeps,
  hub: Hub,
  connection: Connection,
  target: Extract<Target, { kind: "actor" }>,
  known: number | undefined,
): Promise<TakenUp> {
  const { room, actor } = target;
  const { viewer } = connection;
  const membership: Membership = { target, waiting: [], v: 0, tickedAt: 0 };
  hub.join(connection, membership); // first: nothing that happens during the read is missed
  const to = { tenant: viewer.tenant, ...actor };
  const reply = await deps.client.read({ to, name: "show", principal: principalOf(viewer) });
  if (!reply.ok || !inScope(viewer, stationOf(actor, reply.body))) {
    if (connection.rooms.get(room) === membership) hub.leave(connection, room);
    return { room, code: reply.ok ? `${actor.kind}.unknown` : codeOf(reply) };
  }
  const missed = known === undefined ? null : hub.history.since(to, known, reply.v);
  const events = missed?.map((happened) => factFor(connection, room, happened));
  membership.v = events?.at(-1)?.v ?? reply.v;
  const snapshot = viewer.kind === "ops" ? reply.body : openView(actor.kind, reply.body);
  const after = () => {
    const waiting = membership.waiting ?? [];
    membership.waiting = null;
    for (const fact of waiting) hub.tell(connection, membership, fact);
  };
  return { taken: { room, v: membership.v, ...(events ? { events } : { snapshot }) }, after };
}

async function whyNot(deps: LiveDeps, { viewer }: Connection, target: Target) {
  if (target.kind !== "actor") return "auth.forbidden"; // rows were chosen by the old rights
  const to = { tenant: viewer.tenant, ...target.actor };
  const reply = await deps.client.read({ to, name: "show", principal: principalOf(viewer) });
  if (!reply.ok) return codeOf(reply);
  return inScope(viewer, stationOf(target.actor, reply.body)) ? null : "auth.forbidden";
}

function stationOf(actor: { kind: string; id: string }, body: unknown): string | undefined {
  if (actor.kind === "station") return actor.id;
  return (body as { stationId?: string } | null)?.stationId;
}
function codeOf(
  reply: { ok: false; refusal: { code: string } } | { ok: false; fault: { code: string } },
): string {
  return "fault" in reply ? reply.fault.code : reply.refusal.code;
}
