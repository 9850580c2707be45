// What the city keeps for itself between starts: ids, pile secrets, and who is charging where.
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import * as z from "zod";
import { SimFault } from "../fault.ts";

/** What a driver has in mind at a pile. */
const visit = z.strictObject({
  pileId: z.string(),
  connector: z.int(),
  wantWh: z.int(),
  leaveAt: z.int(),
  /** How it means to end: by the app, by a limit set before, at the pile, or when full. */
  endBy: z.enum(["app", "limit", "pile", "full"]),
  orderId: z.string().optional(),
});
export type Visit = z.infer<typeof visit>;

const shape = z.strictObject({
  /** Keys are written before they are used: a broken start is finished under the same key. */
  stations: z.record(z.string(), z.strictObject({ key: z.string(), id: z.string().optional() })),
  piles: z.record(
    z.string(),
    z.strictObject({
      key: z.string(),
      secret: z.string().optional(),
      platformKey: z.string().optional(),
      code: z.string().optional(),
    }),
  ),
  visits: z.record(z.string(), visit),
  cards: z.array(z.string()),
});
export type CityMemory = z.infer<typeof shape>;

export class CityBook {
  readonly memory: CityMemory;

  constructor(private readonly path: string) {
    this.memory = this.#load() ?? { stations: {}, piles: {}, visits: {}, cards: [] };
  }

  save(): void {
    writePrivate(this.path, this.memory);
  }

  #load(): CityMemory | null {
    const data = readJson(this.path);
    if (data === null) return null;
    const parsed = shape.safeParse(data);
    if (parsed.success) return parsed.data;
    const { path, message } = parsed.error.issues[0]!;
    const where = `${path.join(".")}: ${message}`;
    throw new SimFault(`cannot read the city's book: '${this.path}': ${where}`, "never");
  }
}

/** Whole at any moment, for our eyes only: it may hold secrets. */
export function writePrivate(path: string, data: unknown): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.new`, JSON.stringify(data, null, 2), { mode: 0o600 });
  chmodSync(`${path}.new`, 0o600);
  renameSync(`${path}.new`, path);
}

/** Null where there is no such file. */
export function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return null;
    throw new SimFault(`cannot read: '${path}'`, "later", error);
  }
}
