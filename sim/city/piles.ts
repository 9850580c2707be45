// The city's piles as they stand in the street: each with its own memory file, on its lane.
import { join } from "node:path";
import { SimFault } from "../fault.ts";
import { fileStore, Pile, startNativePile, startOcppPile } from "../pile/mod.ts";
import { type Random, seeded, seedOf } from "../random.ts";
import type { CityBook } from "./book.ts";
import type { CityPile } from "./plan.ts";

export interface Roads {
  readonly baseUrl: string;
  readonly natsUrl: string;
  readonly tenant: string;
}

/** The wall shows what an OCPP pile says this often: often enough to look alive, cheap enough. */
const SAMPLE_SECONDS = 2;
/** A new pile is not quite new: its meter has seen some energy. */
const REGISTER_WH = [20_000, 900_000] as const;

export function startCityPile(
  plan: CityPile,
  { book, dir, roads, say }: {
    book: CityBook;
    dir: string;
    roads: Roads;
    say: (words: string) => void;
  },
): Pile {
  const known = book.memory.piles[plan.id];
  if (known?.secret === undefined || known.platformKey === undefined) {
    throw new SimFault(`no secret for pile '${plan.id}'`, "later");
  }
  const random: Random = seeded(seedOf(plan.id));
  const common = {
    id: plan.id,
    secret: known.secret,
    model: plan.model,
    connectors: plan.connectors,
    store: fileStore(join(dir, `pile-${plan.id}.json`)),
    registerWh: Math.round(random.between(...REGISTER_WH)),
    say: (words: string) => say(`${plan.id}: ${words}`),
  };
  if (plan.lane === "native") {
    const { tenant, natsUrl } = roads;
    const { platformKey } = known;
    const lock = plan.locked ? { lock: { form: "lock", at: "down" } as const } : {};
    return startNativePile({ ...common, ...lock, url: natsUrl, tenant, platformKey });
  }
  return startOcppPile({ ...common, url: ocppUrl(roads), sampleSeconds: SAMPLE_SECONDS });
}

export function ocppUrl({ baseUrl, tenant }: Pick<Roads, "baseUrl" | "tenant">): string {
  const path = tenant === "main" ? "/ocpp" : `/ocpp/${tenant}`;
  return new URL(path, baseUrl).href.replace(/^http/, "ws");
}
