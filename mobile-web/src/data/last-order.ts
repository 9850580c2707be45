// The newest order of this phone with its station's phone number, kept for when there is no network.
import type { Order } from "../../../wire/http.ts";
import { shallowRef } from "vue";

export interface LastOrder {
  id: string;
  status: Order["status"];
  pileId: string;
  energyWh: number;
  costFen: number;
  /** Moment of these numbers, on this phone's clock. */
  at: string;
  station?: { name: { zh: string; en: string }; phone: string };
}
const KEY = "cw-last-order";

type Shelf = Pick<Storage, "getItem" | "setItem">;

/** As it lies on the phone: what a page shows that was opened without a network. */
export function storedOrder(shelf?: Shelf): LastOrder | null {
  try {
    return JSON.parse((shelf ?? localStorage).getItem(KEY) ?? "null") as LastOrder | null;
  } catch {
    return null;
  }
}
export const lastOrder = shallowRef<LastOrder | null>(storedOrder());

export function keepOrder(
  order: Order,
  station: LastOrder["station"] | null,
  shelf: Shelf = localStorage,
): void {
  const { id, status, pileId, live, bill } = order;
  const before = lastOrder.value?.id === id ? lastOrder.value.station : undefined;
  const place = station ?? before;
  lastOrder.value = {
    id,
    status,
    pileId,
    energyWh: bill?.energyWh ?? live?.energyWh ?? 0,
    costFen: bill?.totalFen ?? live?.costFen ?? 0,
    at: new Date().toISOString(),
    ...(place === undefined ? {} : { station: { name: place.name, phone: place.phone } }),
  };
  shelf.setItem(KEY, JSON.stringify(lastOrder.value));
}

export function forgetOrder(): void {
  lastOrder.value = null;
  localStorage.removeItem(KEY);
}
