// The pile's own book of what it heard and did, apart from anything the platform believes.
import { appendFileSync } from "node:fs";
import type { PileEvent } from "./events.ts";

export interface Did {
  readonly at: number;
  readonly did: PileEvent["kind"] | "command" | "power-off" | "power-on" | "resumed";
  readonly connector?: number;
  readonly [detail: string]: unknown;
}

/** Older entries go: a drill looks at minutes, the demo runs for days. */
const ENTRIES_MAX = 5_000;

export class Book {
  readonly #entries: Did[] = [];
  constructor(private readonly path?: string) {}

  add(entry: Did): void {
    this.#entries.push(entry);
    if (this.#entries.length > ENTRIES_MAX) this.#entries.shift();
    if (this.path !== undefined) appendFileSync(this.path, `${JSON.stringify(entry)}\n`);
  }

  addEvent({ kind, ...rest }: PileEvent): void {
    this.add({ did: kind, ...rest });
  }

  entries(did?: Did["did"]): Did[] {
    return this.#entries.filter((entry) => did === undefined || entry.did === did);
  }
}
