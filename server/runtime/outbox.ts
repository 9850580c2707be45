// What leaves an actor: open effects of the newest record, one after the other within a lane, each
// again and again until it is answered. Nothing leaves before its record is stored.
import type { Place } from "../routing/mod.ts";
import type { OutItem } from "../../wire/envelope.ts";
import type { ParkedLane } from "./shown.ts";
import { dispatch } from "./dispatch.ts";
import { backOff, type Env, type PortAnswer } from "./env.ts";

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

export class Outbox {
  readonly #lanes = new Map<string, Lane>();
  readonly #sent = new Set<string>();
  /** Items of other nodes, and when they may be touched. */
  readonly #foreign = new Map<string, number>();
  #open: readonly OutItem[] = [];
  #wait: { cancel(): void } | null = null;

  constructor(
    readonly env: Env,
    readonly place: Place,
    readonly events: OutboxEvents,
  ) {}

  /** Answered effects without a command of their own: the next record takes them away. */
  get sent(): ReadonlySet<string> {
    return this.#sent;
  }

  /** Takes over the open effects of a head; `own`: this node recorded it. */
  follow(out: readonly OutItem[], own: boolean): void {
    if (out.length === 0 && this.#open.length === 0) return;
    if (!own) this.#leaveToOthers(out);
    this.#open = out;
    const ids = new Set(out.map((item) => item.id));
    for (const id of this.#foreign.keys()) if (!ids.has(id)) this.#foreign.delete(id);
    for (const id of this.#sent) if (!ids.has(id)) this.#sent.delete(id);
    for (const [name, lane] of this.#lanes) {
      if (ids.has(lane.item.id)) continue;
      lane.pause?.cancel();
      this.#lanes.delete(name);
    }
    this.#pump();
  }

  /** Leaves nothing to others any more and tries parked lanes at once, or one of them. */
  hurry(name?: string): void {
    this.#foreign.clear();
    for (const lane of this.#lanes.values()) {
      if (!lane.pause || !this.#isParked(lane)) continue;
      if (name !== undefined && name !== lane.item.lane) continue;
      lane.pause.cancel();
      void this.#attempt(lane);
    }
    this.#pump();
  }

  /** Sends calls that cannot wait for their record; they leave once more when it is stored. */
  ahead(items: readonly OutItem[]): void {
    for (const item of items) {
      if (item.message.to === "port") void dispatch(this.env, this.place, item, 1);
    }
  }

  /** Nothing more is sent; answers under way are of no use any more. */
  stop(): void {
    this.#wait?.cancel();
    for (const lane of this.#lanes.values()) lane.pause?.cancel();
    this.#lanes.clear();
  }

  parked(): ParkedLane[] {
    return [...this.#lanes.values()].filter((lane) => this.#isParked(lane));
  }

  #isParked(lane: Lane): boolean {
    return lane.failures >= this.env.limits.laneFailures;
  }

  /** Whoever recorded an effect sends it; only when it is old it may be taken over. */
  #leaveToOthers(out: readonly OutItem[]): void {
    const { clock, limits } = this.env;
    const known = new Set(this.#open.map((item) => item.id));
    for (const { id, at } of out) {
      if (known.has(id)) continue;
      const age = Math.min(limits.foreignMs, Math.max(0, clock.now() - at));
      this.#foreign.set(id, clock.tick() + limits.foreignMs - age);
    }
  }

  /** Starts the first item of every lane that is not busy. */
  #pump(): void {
    const { clock } = this.env;
    const headed = new Set<string>();
    let soonest = Infinity;
    for (const item of this.#open) {
      if (this.#sent.has(item.id) || headed.has(item.lane)) continue;
      headed.add(item.lane);
      if (this.#lanes.get(item.lane)?.item.id === item.id) continue;
      const at = this.#foreign.get(item.id) ?? 0;
      if (at > clock.tick()) soonest = Math.min(soonest, at);
      else this.#start(item);
    }
    this.#wait?.cancel();
    this.#wait = soonest < Infinity
      ? clock.after(soonest - clock.tick(), () => this.#pump())
      : null;
  }

  #start(item: OutItem): void {
    const lane: Lane = { item, failures: 0, pause: null };
    this.#lanes.set(item.lane, lane);
    void this.#attempt(lane);
  }

  async #attempt(lane: Lane): Promise<void> {
    lane.pause = null;
    const answer = await dispatch(this.env, this.place, lane.item, lane.failures + 1);
    if (this.#lanes.get(lane.item.lane) !== lane) return; // the actor was dropped meanwhile
    if (answer) this.#settle(lane, answer);
    else this.#again(lane);
  }

  #settle(lane: Lane, answer: PortAnswer): void {
    if (lane.item.onReply !== undefined) {
      this.events.answered(lane.item, answer); // the lane goes on when that record is stored
      return;
    }
    this.#sent.add(lane.item.id);
    this.#lanes.delete(lane.item.lane);
    this.events.removable();
    this.#pump();
  }

  #again(lane: Lane): void {
    const { clock, limits, random, metrics, alarms } = this.env;
    lane.failures++;
    if (lane.failures === limits.laneFailures) {
      metrics.count("outbox_parked");
      alarms.parked?.(this.place.address, lane.item, lane.failures);
    }
    const pause = this.#isParked(lane)
      ? limits.laneParkedMs
      : backOff(random, lane.failures, limits.laneBackOffMs, limits.laneBackOffMsMax);
    lane.pause = clock.after(pause, () => void this.#attempt(lane));
  }
}
