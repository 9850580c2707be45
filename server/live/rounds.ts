// What happens by the clock: heads, sessions looked at again, notices said again, slow readers cut,
// the wall's gathered changes.
import type { Connection } from "./connection.ts";
import type { Hub } from "./hub.ts";
import type { LiveDeps, LiveLimits } from "./ports.ts";
import { rightsOf } from "./rooms.ts";
import type { Watching } from "./watching.ts";

const NOTICE_ROUNDS = 3; // each third round: 15 s

export function startRounds(
  deps: LiveDeps,
  hub: Hub,
  watching: Watching,
  limits: LiveLimits,
): { stop(): void } {
  let isStopped = false;
  let round = 0;
  let [heads, walls]: ({ cancel(): void } | null)[] = [null, null];

  async function look(connection: Connection, isNoticeRound: boolean): Promise<void> {
    if (connection.isHopeless()) return hub.cut(connection, "slow");
    const verdict = await deps.identity.again(connection.viewer);
    if (connection.isOver) return;
    if ("refusal" in verdict) return hub.end(connection, verdict.refusal.code);
    if (verdict.kind === "nobody") return hub.end(connection, "auth.required");
    const before = rightsOf(connection.viewer);
    connection.viewer = verdict;
    if (rightsOf(verdict) !== before) await watching.recheck(connection);
    sayHeads(connection);
    if (!isNoticeRound) return;
    for (const notice of connection.unread.values()) connection.socket.emit("notice", notice);
  }
  function sayHeads({ rooms, viewer, socket }: Connection): void {
    const heads: Record<string, number> = {};
    for (const [room, { target, v }] of rooms) {
      if (target.kind !== "actor") continue;
      heads[room] = hub.history.head({ tenant: viewer.tenant, ...target.actor }) ?? v;
    }
    if (Object.keys(heads).length > 0) socket.volatile.emit("head", heads);
  }
  async function lookAtAll(): Promise<void> {
    round += 1;
    deps.metrics.gauge("live_connections", hub.connections.size);
    for (const connection of Array.from(hub.connections)) { // they come and go meanwhile
      try {
        await look(connection, round % NOTICE_ROUNDS === 0);
      } catch (error) {
        // Who cannot be looked up stays for now: tokens end by themselves.
        deps.log.warn({ error: String(error) }, "session not looked at");
      }
    }
    if (!isStopped) heads = deps.clock.after(limits.headMs, () => void lookAtAll());
  }
  function flushWall(): void {
    hub.wall.flush();
    if (!isStopped) walls = deps.clock.after(limits.wallMs, flushWall);
  }
  heads = deps.clock.after(limits.headMs, () => void lookAtAll());
  walls = deps.clock.after(limits.wallMs, flushWall);
  return {
    stop() {
      isStopped = true;
      heads?.cancel();
      walls?.cancel();
    },
  };
}
