// What runs or waits for payment now: one call after a reload brings the driver back to it.
import { readonly, shallowReadonly, shallowRef } from "vue";
import type { DriverCalls } from "@chargeward/web-kit/driver-calls.ts";
import type { Order } from "../../../wire/http.ts";
import type { ReservationView } from "../../../wire/reservation.ts";

export function createActive(calls: Pick<DriverCalls, "active">) {
  const orders = shallowRef<readonly Order[]>([]);
  const reservations = shallowRef<readonly ReservationView[]>([]);
  const loaded = shallowRef(false);
  let asked = 0;

  async function load(): Promise<readonly Order[]> {
    const mine = ++asked;
    const answer = await calls.active();
    // an older answer must not overwrite a newer one
    if (answer.ok && mine === asked) {
      orders.value = answer.body.orders;
      reservations.value = answer.body.reservations;
      loaded.value = true;
    }
    return orders.value;
  }

  function clear() {
    asked++;
    orders.value = [];
    reservations.value = [];
    loaded.value = false;
  }

  return {
    orders: readonly(orders),
    reservations: shallowReadonly(reservations),
    loaded: readonly(loaded),
    load,
    clear,
  };
}
