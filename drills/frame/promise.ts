// What parts about reservations share: who plays, what was said, and what the four parties are shown.
import { type Pile, Refused } from "../../sim/mod.ts";
import type { CancelCost } from "../../wire/reservation.ts";
import type { Reservation } from "../../wire/http-reserve.ts";
import { OVER } from "./common.ts";
import type { Person } from "./person.ts";
import { must, until } from "./see.ts";
import type { Stage } from "./stage.ts";

export interface Promised {
  pile: Pile;
  driver: Person;
  id: string;
}

export const refusalOf = (what: Promise<unknown>): Promise<string> =>
  what.then(() => "taken", (error: unknown) => {
    if (error instanceof Refused) return error.code;
    throw error;
  });

/** Reserved from now on at a pile of its own. */
export async function promise(stage: Stage, fen = 50_000, minutes = 15): Promise<Promised> {
  const [pile, driver] = [await stage.pile(), await stage.person(fen)];
  const { id } = await driver.driver.reserve({ pileId: pile.id, minutes });
  return { pile, driver, id };
}

export const of = ({ driver, id }: Promised): Promise<Reservation> => driver.driver.reservation(id);

export const untilIs = (cast: Promised, status: string, ms?: number): Promise<Reservation> =>
  until(`the reservation is ${status}`, async () => {
    const shown = await of(cast);
    return shown.status === status && shown;
  }, ms);

export const costOf = ({ driver, id }: Promised): Promise<CancelCost> =>
  driver.driver.api.get(`/v1/reservations/${id}/cancel-cost`);

export const noticed = ({ driver, id }: Promised, code: string) =>
  until(
    `notice ${code}`,
    () => driver.notices.find((one) => one.code === code && one.facts.reservationId === id),
  );

/** Whether somebody else could start there now. */
export async function others(stage: Stage, { pile, driver }: Promised): Promise<string> {
  const other = stage.people.find(({ id }) => id !== driver.id) ?? await stage.person(0);
  const { why } = await other.driver.quote(pile.id);
  return why ?? "free";
}

/** Promises are cancelled, charges stopped and paid, then the books are closed. */
async function money(_cast: Promised, stage: Stage): Promise<string> {
  for (const { driver } of stage.people) {
    const { reservations, orders } = await driver.active();
    for (const { id, status } of reservations) {
      if (status === "reserved") await driver.cancel(id);
    }
    for (const { id, status } of orders) {
      if (status === "charging" || status === "starting") await driver.stop(id);
      const over = async () => OVER.includes((await driver.order(id)).status);
      await until("the charge is over", over);
    }
  }
  return await stage.settled();
}

export const seen = {
  user: async (cast: Promised) => {
    const { status, feeFen, refundFen, trouble } = await of(cast);
    return [status, trouble, feeFen !== undefined && `fee ${feeFen}, back ${refundFen} fen`]
      .filter(Boolean).join(", ");
  },
  ops: async ({ pile, id }: Promised, stage: Stage) => {
    const path = `/v1/ops/piles/${pile.id}/reservations`;
    const { items } = await stage.ops.api.get<{ items: { id: string; status: string }[] }>(path);
    return items.find((one) => one.id === id)?.status ?? `${items.length} of this pile`;
  },
  money,
  log: async ({ id }: Promised, stage: Stage) => {
    const records = await stage.console.records("reservation", id);
    must(records.length > 0, "the reservation has no record");
    return records.slice(-4).map(({ type }) => type).join(", ");
  },
  proof: ({ pile, driver, id }: Promised) => [
    { kind: "reservation" as const, id },
    { kind: "pile" as const, id: pile.id },
    { kind: "wallet" as const, id: driver.id },
    { kind: "user" as const, id: driver.id },
  ],
};
