// Makes the city exist on the platform, once: stations, piles and cards that are missing are made,
// what is there stays. A start that broke half-way is finished by the next.
import { type Driver, newKey, Refused } from "../driver/mod.ts";
import { SimFault } from "../fault.ts";
import type { PublicPile } from "../../wire/http.ts";
import type { CityBook } from "./book.ts";
import type { Ops } from "./ops.ts";
import type { CityPile, CityPlan } from "./plan.ts";

/** So many piles are made at once: quick enough, and no storm. */
const AT_ONCE = 4;

/** Signs in as ops only if something has to be made. */
export type OpsDoor = () => Promise<Ops>;

export async function ensureCity(
  { plan, book, ops, looker }: { plan: CityPlan; book: CityBook; ops: OpsDoor; looker: Driver },
): Promise<void> {
  for (const name of Object.keys(plan.stations)) {
    await ensureStation({ plan, book, ops, looker }, name);
  }
  const waiting = [...plan.piles];
  const worker = async () => {
    for (let pile = waiting.shift(); pile !== undefined; pile = waiting.shift()) {
      await ensurePile(book, ops, looker, pile);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** Cards need a person's id, so they come after the drivers' first sign-in. */
export async function ensureCard(
  { book, ops }: { book: CityBook; ops: OpsDoor },
  card: { idTag: string; userId: string },
): Promise<void> {
  const name = `${card.idTag} ${card.userId}`;
  if (book.memory.cards.includes(name)) return;
  await (await ops()).giveCard(card);
  book.memory.cards.push(name);
  book.save();
}

async function isThere(looker: Driver, path: string): Promise<boolean> {
  try {
    await looker.api.get(path);
    return true;
  } catch (error) {
    if (error instanceof Refused && error.status === 404) return false;
    throw error;
  }
}

async function ensureStation(
  { plan, book, ops, looker }: { plan: CityPlan; book: CityBook; ops: OpsDoor; looker: Driver },
  name: string,
): Promise<void> {
  const known = book.memory.stations[name];
  if (known?.id !== undefined && await isThere(looker, `/v1/stations/${known.id}`)) return;
  const key = known === undefined || known.id !== undefined ? newKey() : known.key;
  book.memory.stations[name] = { key };
  book.save();
  const { id } = await withKey(
    key,
    async (key) => (await ops()).openStation(plan.stations[name]!, key),
  );
  book.memory.stations[name] = { key, id };
  book.save();
}

async function ensurePile(
  book: CityBook,
  ops: OpsDoor,
  looker: Driver,
  pile: CityPile,
): Promise<void> {
  const { id, lane, ratedPowerW } = pile;
  const known = book.memory.piles[id];
  const there = known?.secret !== undefined && await isThere(looker, `/v1/piles/${id}`);
  if (there) return await ensureLock(ops, looker, pile);
  const stationId = book.memory.stations[pile.station]?.id;
  if (stationId === undefined) throw new SimFault(`no station for pile '${id}'`, "later");
  const key = known === undefined || known.secret !== undefined ? newKey() : known.key;
  book.memory.piles[id] = { key };
  book.save();
  const connectors = pile.connectors.map((connector) => ({ ...connector, reservable: true }));
  const body = { id, stationId, lane, ratedPowerW, connectors };
  const made = await withKey(
    key,
    async (key) => (await ops()).registerPile(body, key),
  ).catch(async (error) => {
    if (!(error instanceof Refused && error.code === "pile.exists")) throw error;
    // The pile is known but its secret is lost: only a new one helps.
    return { code: undefined, ...await (await ops()).rotateSecret(id) };
  });
  const { secret, platformKey } = made;
  const code = made.code === undefined ? {} : { code: made.code };
  book.memory.piles[id] = { key, secret, platformKey, ...code };
  book.save();
  await ensureLock(ops, looker, pile);
}

async function ensureLock(ops: OpsDoor, looker: Driver, { id, locked }: CityPile): Promise<void> {
  if (!locked) return;
  const { connectors: [gun] } = await looker.api.get<PublicPile>(`/v1/piles/${id}`);
  if (gun?.lock !== undefined) return;
  const lock = { connector: 1, form: "ground-lock", rests: "down", way: { by: "pile" } } as const;
  await (await ops()).fitLock(id, lock);
}

/** A key of another day is worth nothing any more: then a new one is used. */
async function withKey<T>(key: string, ask: (key: string) => Promise<T>): Promise<T> {
  try {
    return await ask(key);
  } catch (error) {
    if (!(error instanceof Refused && error.code === "key.clock")) throw error;
    return await ask(newKey());
  }
}
