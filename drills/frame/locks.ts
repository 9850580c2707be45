// What the drills of locks share: a bay behind a lock, what ops see of it, and a driver in front of it.
import type { Pile } from "../../sim/mod.ts";
import type { LockView, LockWay } from "../../wire/lock.ts";
import type { PublicPile } from "../../wire/http.ts";
import { lockIdOf } from "../../wire/lock.ts";
import type { Person } from "./person.ts";
import { must, until } from "./see.ts";
import type { PileWish, Stage } from "./stage.ts";

export interface Bay {
  pile: Pile;
  driver: Person;
  orderId: string;
  lockId: string;
}

/** A free bay behind a lock that is up, over no car, and somebody in front of it. */
export async function bayOf(
  stage: Stage,
  wish: { way?: LockWay["by"]; rests?: "up" | "down"; pile?: PileWish } = {},
): Promise<Bay> {
  const { way = "pile", rests = "down" } = wish;
  const own = way === "pile" ? { lock: { form: "lock" as const } } : {};
  const pile = await stage.pile({ unplugged: true, ...own, ...wish.pile });
  pile.driveOff();
  const by = way === "pile" ? { by: way } : { by: way, partner: "sandbox", ref: pile.id };
  await stage.ops.api.post(`/v1/ops/piles/${pile.id}/locks`, {
    connector: 1,
    form: "ground-lock",
    rests,
    way: by,
  });
  await until("the lock is known to be up", async () => {
    const [lock] = await locksOf(stage, pile); // its pile hears of it a moment later
    return lock?.position === "up" && lock.bay === "empty";
  });
  const driver = await stage.person();
  return { pile, driver, orderId: "", lockId: lockIdOf(pile.id, 1) };
}

async function locksOf(stage: Stage, { id }: Pile): Promise<LockView[]> {
  return (await stage.ops.api.get<{ items: LockView[] }>(`/v1/ops/piles/${id}/locks`)).items;
}
/** As ops see it. */
export async function lockOf(stage: Stage, pile: Pile): Promise<LockView> {
  const [lock] = await locksOf(stage, pile);
  must(lock !== undefined, "ops see no lock");
  return lock;
}
export const untilLock = (
  stage: Stage,
  { pile }: Bay,
  words: string,
  isSo: (lock: LockView) => boolean,
  ms?: number,
) =>
  until(`the lock ${words}`, async () => {
    const lock = await lockOf(stage, pile);
    return isSo(lock) && lock;
  }, ms);
export const broken = (lock: LockView) => lock.fault !== undefined;

/** Start is tapped in front of the lock: the order is taken, and waits for the gun. */
export async function begin(bay: Bay): Promise<string> {
  bay.orderId = (await bay.driver.start({ pileId: bay.pile.id, autoCapture: true })).id;
  return bay.orderId;
}
/** A connector as anybody sees it. */
export async function shownOf({ pile, driver }: Bay) {
  const { connectors } = await driver.driver.api.get<PublicPile>(`/v1/piles/${pile.id}`);
  return connectors[0]!;
}

/** What each party must see of a bay whose lock failed. */
export const parties = {
  user: async ({ driver, orderId }: Bay) => {
    if (orderId === "") return "no order";
    const { status, cause } = await driver.driver.order(orderId);
    return `${status}, ${cause?.code ?? "no cause"}`;
  },
  ops: async ({ pile }: Bay, stage: Stage) => {
    const { position, fault, timeline } = await lockOf(stage, pile);
    return `${position}, ${fault?.code ?? "no fault"}, ${timeline.length} steps`;
  },
  /** Nothing was charged: the hold of an order that never began is back. */
  money: async ({ driver, orderId }: Bay, stage: Stage) => {
    if (orderId !== "") {
      await driver.driver.api.ask("POST", `/v1/orders/${orderId}/stop`);
      await driver.until(orderId, "start-failed", "declined", "paid");
    }
    return await stage.settled();
  },
  log: async ({ lockId }: Bay, stage: Stage) => {
    const records = await stage.console.records("lock", lockId);
    return records.slice(-6).map(({ type }) => type).join(", ");
  },
  proof: ({ pile, driver, lockId }: Bay) => [
    { kind: "lock" as const, id: lockId },
    { kind: "pile" as const, id: pile.id },
    { kind: "wallet" as const, id: driver.id },
  ],
};
