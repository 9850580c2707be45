// Locks of a simulated pile's bays: a ground lock or a gate that obeys, with a sensor above it, or fails on
// order: silent, stuck, half-way, saying no, broken; and a hand that moves it in spite of all that.
import type { Clock } from "../clock.ts";
import type { BayLockMemory, ConnectorMemory, PileEvent } from "./events.ts";
import type { CommandResult } from "./gates.ts";
import type { Misbehaviour } from "./misbehaviour.ts";

/** From the order to the end of the way. */
const WAY_MS = 400;

export interface LockWish {
  readonly form: BayLockMemory["form"];
  readonly at?: "up" | "down";
}
interface Host {
  readonly clock: Clock;
  readonly bad: Misbehaviour;
  connector(no: number): ConnectorMemory;
  tell(event: PileEvent): void;
}

const no = (code: string): CommandResult => ({ outcome: "refused", code });

export class BayLocks {
  #on = new Map<number, { cancel(): void }>();
  constructor(private readonly host: Host) {}

  /** It is there from the start of the pile, and tells of itself once the pile is linked. */
  fit(connector: number, { form, at = "up" }: LockWish): void {
    const found = this.host.connector(connector);
    found.lock ??= { form, state: at, bay: found.plugged ? "taken" : "empty" };
  }

  of(connector: number): BayLockMemory | null {
    return this.host.connector(connector).lock ?? null;
  }

  /** What it says when it is asked; one that is silent says nothing of itself. */
  shown(connector: number): { lock?: Omit<BayLockMemory, "form"> } {
    const lock = this.of(connector);
    if (lock === null || this.host.bad.lockSilent) return {};
    return { lock: { state: lock.state, bay: lock.bay } };
  }

  /** An order of the platform. */
  move(connector: number, to: "up" | "down"): CommandResult {
    const lock = this.of(connector);
    const { bad } = this.host;
    if (lock === null) return no("no-lock");
    if (bad.lockSilent) return { outcome: "silent" };
    if (bad.lockRefuses !== null) return no(bad.lockRefuses);
    if (lock.state === "fault") return no("faulted");
    if (to === "up" && lock.bay === "taken") return no("obstructed");
    if (bad.lockStuck || lock.state === to) return { outcome: "accepted" };
    this.#set(connector, "moving");
    if (!bad.lockHalfWay) this.#arrive(connector, to);
    return { outcome: "accepted" };
  }

  /** By hand, with the key at the lock: always possible. */
  byHand(connector: number, to: "up" | "down"): void {
    this.#on.get(connector)?.cancel();
    this.#set(connector, to);
  }
  /** It says itself that it is broken. */
  breakDown(connector: number, code: string): void {
    this.#on.get(connector)?.cancel();
    this.#set(connector, "fault", code);
  }
  /** A car comes into the bay or leaves it: the sensor sees it. */
  bay(connector: number, bay: BayLockMemory["bay"]): void {
    const lock = this.of(connector);
    if (lock === null || lock.bay === bay) return;
    lock.bay = bay;
    this.#set(connector, lock.state);
  }

  #arrive(connector: number, to: "up" | "down"): void {
    this.#on.get(connector)?.cancel();
    const arrived = () => {
      if (this.of(connector)?.state === "moving") this.#set(connector, to);
    };
    this.#on.set(connector, this.host.clock.after(WAY_MS, arrived));
  }
  #set(connector: number, state: BayLockMemory["state"], code?: string): void {
    const lock = this.of(connector);
    if (lock === null) return;
    lock.state = state;
    if (this.host.bad.lockSilent) return;
    const at = this.host.clock.now();
    const why = code === undefined ? {} : { code };
    this.host.tell({ kind: lock.form, at, connector, state, bay: lock.bay, ...why });
  }
}
