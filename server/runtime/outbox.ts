// What leaves an actor: open effects of the newest record, one after the other within a lane, each
// again and again until it is answered. Nothing leaves before its record is stored.
import type { Envelope, OutItem, Reply } from "../../wire/envelope.ts";
import { backOff, type Env, type PortAnswer } from "./env.ts";
import { bodyHash, nameOf } from "./ids.ts";
import type { Place } from "./journal.ts";

export interface Outbox {
  /** Takes over the open effects of a head; `own`: this node recorded it. */
  follow(out: readonly OutItem[], own: boolean): void;
  /** Leaves nothing to others any more and tries parked lanes at once. */
  hurry(): void;
  /** Sends calls that cannot wait for their record; they leave once more when it is stored. */
  ahead(items: readonly OutItem[]): void;
  /** Forgets everything; answers under way still arrive. */
  reset(): void;
  /** Answered effects without a command of their own: the next record takes them away. */
  sent: ReadonlySet<string>;
  parked(): number;
}

interface Lane {
  item: OutItem;
  failures: number;
  pause: { cancel(): void } | null;
}

export interface OutboxEvents {
  /** The answer to an effect with `onReply`. */
  answered(item: OutItem, answer: PortAnswer): void;
  /** An effect without `onReply` was answered; its removal can wait. */
  removable(): void;
}

export function outboxOf(env: Env, place: Place, events: OutboxEvents): Outbox {
  const { clock, limits } = env;
  const lanes = new Map<string, Lane>();
  const sent = new Set<string>();
  /** Items of other nodes, and when they may be touched. */
  const foreign = new Map<string, number>();
  let open: readonly OutItem[] = [];
  let wait: { cancel(): void } | null = null;

  function pump() {
    const headed = new Set<string>();
    let soonest = Infinity;
    for (const item of open) {
      if (sent.has(item.id) || headed.has(item.lane)) continue;
      headed.add(item.lane);
      if (lanes.get(item.lane)?.item.id === item.id) continue;
      const at = foreign.get(item.id) ?? 0;
      if (at > clock.tick()) soonest = Math.min(soonest, at);
      else start(item);
    }
    wait?.cancel();
    wait = soonest < Infinity ? clock.after(soonest - clock.tick(), pump) : null;
  }

  function start(item: OutItem) {
    const lane: Lane = { item, failures: 0, pause: null };
    lanes.set(item.lane, lane);
    void attempt(lane);
  }

  async function attempt(lane: Lane): Promise<void> {
    lane.pause = null;
    const answer = await dispatch(env, place, lane.item, lane.failures + 1);
    if (lanes.get(lane.item.lane) !== lane) return; // the actor was dropped meanwhile
    if (answer) settle(lane, answer);
    else again(lane);
  }

  function settle(lane: Lane, answer: PortAnswer) {
    if (lane.item.onReply !== undefined) {
      events.answered(lane.item, answer); // the lane goes on when that record is stored
      return;
    }
    sent.add(lane.item.id);
    lanes.delete(lane.item.lane);
    events.removable();
    pump();
  }

  function again(lane: Lane) {
    lane.failures++;
    const parked = lane.failures >= limits.laneFailures;
    if (lane.failures === limits.laneFailures) {
      env.metrics.count("outbox_parked");
      env.alarms.parked?.(place.address, lane.item, lane.failures);
    }
    const pause = parked
      ? limits.laneParkedMs
      : backOff(env.random, lane.failures, limits.laneBackOffMs, limits.laneBackOffMsMax);
    lane.pause = clock.after(pause, () => void attempt(lane));
  }

  return {
    sent,
    follow(out, own) {
      if (out.length === 0 && open.length === 0) return;
      const known = new Set(open.map((item) => item.id));
      if (!own) {
        for (const item of out) {
          const age = Math.min(limits.foreignMs, Math.max(0, clock.now() - item.at));
          if (!known.has(item.id)) foreign.set(item.id, clock.tick() + limits.foreignMs - age);
        }
      }
      open = out;
      const ids = new Set(out.map((item) => item.id));
      for (const id of foreign.keys()) if (!ids.has(id)) foreign.delete(id);
      for (const id of sent) if (!ids.has(id)) sent.delete(id);
      for (const [name, lane] of lanes) {
        if (ids.has(lane.item.id)) continue;
        lane.pause?.cancel();
        lanes.delete(name);
      }
      pump();
    },
    hurry() {
      foreign.clear();
      for (const lane of lanes.values()) {
        if (!lane.pause || lane.failures < limits.laneFailures) continue;
        lane.pause.cancel();
        void attempt(lane);
      }
      pump();
    },
    ahead(items) {
      for (const item of items) {
        if (item.message.to === "port") void dispatch(env, place, item, 1);
      }
    },
    reset() {
      wait?.cancel();
      for (const lane of lanes.values()) lane.pause?.cancel();
      lanes.clear();
      sent.clear();
      foreign.clear();
      open = [];
    },
    parked: () => [...lanes.values()].filter((l) => l.failures >= limits.laneFailures).length,
  };
}

/** One try; null: no answer worth the name, try again. */
async function dispatch(
  env: Env,
  place: Place,
  item: OutItem,
  attempt: number,
): Promise<PortAnswer | null> {
  const { message } = item;
  if (message.to === "actor") {
    return answerOf(await env.ask(envelopeOf(env, place, item)));
  }
  const handler = env.ports[message.port];
  if (!handler) return null;
  const { id, lane, at, correlation, trace } = item;
  try {
    return await handler({
      id,
      lane,
      at,
      attempt,
      correlation,
      port: message.port,
      from: place.address,
      body: message.body,
      ...(trace === undefined ? {} : { trace }),
    });
  } catch (error) {
    env.log.warn({ port: message.port, id, attempt, error: String(error) }, "call failed");
    return null;
  }
}

function answerOf(reply: Reply): PortAnswer | null {
  if ("fault" in reply) return null;
  return reply.ok ? { ok: true, body: reply.body } : { ok: false, refusal: reply.refusal };
}

function envelopeOf(env: Env, place: Place, item: OutItem): Envelope {
  const message = item.message as Extract<OutItem["message"], { to: "actor" }>;
  const sender = nameOf(place.address);
  return {
    id: item.id,
    to: message.address,
    type: message.type,
    body: message.body,
    principal: { kind: "actor", id: sender },
    cause: item.id,
    correlation: item.correlation,
    ...(item.trace === undefined ? {} : { trace: item.trace }),
    ttlMs: env.limits.tellTtlMs,
    bodyHash: bodyHash(message.type, message.body),
    class: "order",
    from: { sender, n: item.n, ...(message.last ? { last: true } : {}) },
  };
}
