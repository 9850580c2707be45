// What a pile keeps when its power or its process goes: register, running charge, commands, queue.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import * as z from "zod";
import { SimFault } from "../fault.ts";
import type { ConnectorMemory, PileSpec } from "./events.ts";

/** One command by its id and what it came to. */
export interface KnownCommand {
  readonly id: string;
  readonly outcome: "accepted" | "refused";
  readonly code?: string;
}

export interface PileMemory {
  readonly id: string;
  /** When this pile's disk was first written: two piles of one id are told apart by it. */
  readonly bornAt: number;
  boots: number;
  connectors: ConnectorMemory[];
  commands: KnownCommand[];
  /** Each lane keeps what is its own here: sequence, queue, transactions. */
  lane: unknown;
  savedAt: number;
}

/** Where a pile's memory lies. Saving is complete when it returns. */
export interface PileStore {
  load(): PileMemory | null;
  save(memory: PileMemory): void;
}

/** Not checked field by field: only this program writes it. A torn or foreign file is refused. */
const shape = z.looseObject({
  id: z.string(),
  boots: z.int(),
  connectors: z.array(z.looseObject({ no: z.int(), registerMwh: z.number() })),
  commands: z.array(z.looseObject({ id: z.string() })),
  savedAt: z.number(),
});

/** A file written aside and renamed, so that it is whole at any moment. Mode 0600. */
export function fileStore(path: string): PileStore {
  return {
    load() {
      const text = readIfThere(path);
      if (text === null) return null;
      const parsed = shape.safeParse(JSON.parse(text));
      if (!parsed.success) throw new SimFault(`cannot read pile memory: '${path}'`, "never");
      return parsed.data as unknown as PileMemory;
    },
    save(memory) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(`${path}.new`, JSON.stringify(memory), { mode: 0o600 });
      renameSync(`${path}.new`, path);
    },
  };
}

/** Kept as text, as a disk would: what was not saved is lost with the power. */
export function memoryStore(): PileStore {
  let text: string | null = null;
  return {
    load: () => text === null ? null : JSON.parse(text) as PileMemory,
    save: (memory) => void (text = JSON.stringify(memory)),
  };
}

/** For piles in great number: never turned into text, lost with the process. */
export function heapStore(): PileStore {
  let kept: PileMemory | null = null;
  return { load: () => kept, save: (memory) => void (kept = memory) };
}

export function freshMemory(spec: PileSpec, now: number, registerWh: number): PileMemory {
  const connectors = spec.connectors.map(({ no }): ConnectorMemory => ({
    no,
    registerMwh: registerWh * 1_000,
    plugged: false,
    car: null,
    charge: null,
    pending: null,
    stopping: null,
    fault: null,
    countedAt: now,
  }));
  return {
    id: spec.id,
    bornAt: now,
    boots: 0,
    connectors,
    commands: [],
    lane: null,
    savedAt: now,
  };
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return null;
    throw new SimFault(`cannot read pile memory: '${path}'`, "later", error);
  }
}
