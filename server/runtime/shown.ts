// What an actor in memory shows of itself to operators.
import type { Address, OutItem } from "../../wire/envelope.ts";

export interface ParkedLane {
  item: OutItem;
  failures: number;
}
/** What one actor in memory shows of itself. */
export interface Shown {
  actor: Address;
  /** Commands in the last minute. */
  perMinute: number;
  waiting: number;
  parked: readonly ParkedLane[];
  quarantined: boolean;
}

const MINUTE_MS = 60_000;

/** Commands of an actor in the last minute: this minute's, and the share of the one before. */
export class Heat {
  #minute = 0;
  #now = 0;
  #before = 0;

  hit(tick: number): void {
    this.#turn(tick);
    this.#now++;
  }
  perMinute(tick: number): number {
    this.#turn(tick);
    return Math.round(this.#now + this.#before * (1 - tick % MINUTE_MS / MINUTE_MS));
  }
  #turn(tick: number): void {
    const minute = Math.floor(tick / MINUTE_MS);
    if (minute === this.#minute) return;
    this.#before = minute === this.#minute + 1 ? this.#now : 0;
    this.#now = 0;
    this.#minute = minute;
  }
}
