// Live rows in memory: every station and pile as the journal's tail last showed them. What lists and
// the wall show without MongoDB; their age is that of the tail.
import type { Address, JournalRecord } from "../../wire/envelope.ts";
import type { PileStatus } from "../../wire/http.ts";
import type { PileView } from "../../wire/pile.ts";
import type { StationView } from "../../wire/user.ts";
import type { Clock } from "../ports.ts";

/** An actor's state as its read "show" would show it to the platform; null: nothing to show. */
export type StateView = (kind: string, state: unknown, v: number, id: string) => unknown;

export interface PileRow {
  view: PileView;
  status: PileStatus;
  /** Of all its connectors; ticks keep it fresh between records. */
  powerW: number;
  powers: ReadonlyMap<string, number>;
  /** When something was last heard of it. */
  touchedAt: number;
}
export interface Board {
  take(address: Address, record: JournalRecord): void;
  /** A tick of an order: its pile's power. */
  tick(tenant: string, orderId: string, powerW: number): void;
  pile(tenant: string, id: string): PileRow | undefined;
  /** Those that were not taken down. */
  piles(tenant: string): PileRow[];
  pilesOf(tenant: string, stationId: string): PileRow[];
  station(tenant: string, id: string): StationView | undefined;
  stations(tenant: string): StationView[];
  /** Called with each pile that changed. */
  onPile(listener: (tenant: string, row: PileRow) => void): void;
  /** How far the copy may be behind. */
  lagMs(): number;
}

// What a pile as a whole is called, when its connectors differ: the first of these that one has.
const ORDER: readonly PileStatus[] = [
  "charging",
  "starting",
  "stopping",
  "faulted",
  "free",
  "plugged",
  "occupied",
  "reserved",
];
export function statusOf(view: PileView): PileStatus {
  if (view.disabled) return "disabled";
  if (view.presence === "offline") return "offline";
  const has = new Set<string>(
    view.connectors.map(({ status }) => status === "kept" ? "starting" : status),
  );
  return ORDER.find((status) => has.has(status)) ?? "free";
}

const sumOf = (powers: ReadonlyMap<string, number>): number =>
  [...powers.values()].reduce((sum, powerW) => sum + powerW, 0);

interface City {
  piles: Map<string, PileRow>;
  stations: Map<string, StationView>;
  /** Which pile an order charges at. */
  orders: Map<string, string>;
}

const standingIn = ({ piles }: City): PileRow[] =>
  [...piles.values()].filter(({ view }) => !view.takenDown);

export function createBoard(
  deps: { clock: Clock; viewOf: StateView; tailLagMs?: () => number },
): Board {
  const cities = new Map<string, City>();
  const listeners: ((tenant: string, row: PileRow) => void)[] = [];
  const cityOf = (tenant: string): City => {
    const known = cities.get(tenant);
    if (known) return known;
    const made: City = { piles: new Map(), stations: new Map(), orders: new Map() };
    cities.set(tenant, made);
    return made;
  };
  function takePile(tenant: string, view: PileView): void {
    const city = cityOf(tenant);
    const before = city.piles.get(view.id);
    if (before && before.view.v >= view.v) return;
    for (const { orderId } of before?.view.connectors ?? []) {
      if (orderId) city.orders.delete(orderId);
    }
    for (const { orderId } of view.connectors) if (orderId) city.orders.set(orderId, view.id);
    const powers = new Map<string, number>();
    for (const { orderId, powerW } of view.connectors) {
      if (orderId) powers.set(orderId, powerW ?? before?.powers.get(orderId) ?? 0);
    }
    const touchedAt = deps.clock.now();
    const row: PileRow = { view, status: statusOf(view), powerW: sumOf(powers), powers, touchedAt };
    city.piles.set(view.id, row);
    for (const listener of listeners) listener(tenant, row);
  }
  const standing = (tenant: string) => standingIn(cityOf(tenant));
  return {
    take({ tenant, kind, id }, { state, v }) {
      if (kind !== "pile" && kind !== "station") return;
      const view = deps.viewOf(kind, state, v, id);
      if (view === null || view === undefined) return;
      if (kind === "pile") return takePile(tenant, view as PileView);
      const station = view as StationView;
      const before = cityOf(tenant).stations.get(id);
      if (!before || before.v < station.v) cityOf(tenant).stations.set(id, station);
    },
    tick(tenant, orderId, powerW) {
      const city = cityOf(tenant);
      const row = city.piles.get(city.orders.get(orderId) ?? "");
      if (!row) return;
      const powers = new Map(row.powers).set(orderId, powerW);
      const touchedAt = deps.clock.now();
      const fresh: PileRow = { ...row, powers, powerW: sumOf(powers), touchedAt };
      city.piles.set(row.view.id, fresh);
      for (const listener of listeners) listener(tenant, fresh);
    },
    pile: (tenant, id) => cityOf(tenant).piles.get(id),
    piles: standing,
    pilesOf: (tenant, stationId) =>
      standing(tenant).filter(({ view }) => view.stationId === stationId),
    station: (tenant, id) => cityOf(tenant).stations.get(id),
    stations: (tenant) => [...cityOf(tenant).stations.values()],
    onPile: (listener) => void listeners.push(listener),
    lagMs: () => deps.tailLagMs?.() ?? 0,
  };
}
