// A run told in words, for people who must understand a breach. Silent unless somebody listens.
import type { Time } from "./time.ts";
import { BEGINS_MS } from "./town.ts";

export class Story {
  readonly lines: string[] = [];

  constructor(readonly time: Time, readonly told: boolean) {}

  readonly say = (words: string): void => {
    if (!this.told) return;
    const seconds = ((this.time.tick - BEGINS_MS) / 1_000).toFixed(3).padStart(8);
    this.lines.push(`${seconds} s  ${words}`);
  };
}
