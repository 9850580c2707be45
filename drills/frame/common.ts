// What most charges of drills show to the four parties; a part takes these where it has nothing to add.
import type { Pile } from "../../sim/mod.ts";
import type { OrderStatus } from "../../wire/order.ts";
import type { Person } from "./person.ts";
import { must, until } from "./see.ts";
import type { Stage } from "./stage.ts";

export interface Charge {
  pile: Pile;
  driver: Person;
  orderId: string;
}
export const OVER: readonly OrderStatus[] = ["paid", "awaiting-payment", "bill-review", "overdue"];

const actorsOf = ({ pile, orderId }: Charge) => [`order/${orderId}`, `pile/${pile.id}`];

export const shown = {
  user: async ({ driver, orderId }: Charge) => {
    const { status, ending, bill } = await driver.driver.order(orderId);
    return [status, ending, bill && `${bill.energyWh} Wh ${bill.totalFen} fen`]
      .filter((word) => word !== undefined).join(", ");
  },
  /** An alert of the order or its pile has rung. */
  ops: async (cast: Charge, stage: Stage) => {
    const actors = actorsOf(cast);
    const alert = await stage.console.alert(
      `of ${actors.join(" or ")}`,
      ({ facts }) => actors.includes(String(facts.actor)),
    );
    return `${alert.severity} ${alert.code}`;
  },
  /** The console knows the order; nothing rang, for nothing went wrong. */
  opsQuiet: async ({ orderId }: Charge, stage: Stage) => {
    const { v } = await stage.ops.api.get<{ v: number }>(`/v1/ops/actors/order/${orderId}`);
    return `order v${v}`;
  },
  /** Whatever runs is stopped, what is owed is paid, and the books are closed. */
  money: async ({ driver, orderId }: Charge, stage: Stage) => {
    const order = await driver.driver.order(orderId);
    if (order.status === "charging" || order.status === "starting") {
      await driver.driver.api.ask("POST", `/v1/orders/${orderId}/stop`);
    }
    await driver.until(orderId, ...OVER, "start-failed", "declined");
    return await stage.settled();
  },
  log: async ({ orderId }: Charge, stage: Stage) => {
    const records = await stage.console.records("order", orderId);
    must(records.length > 0, "the order has no record");
    return records.slice(-4).map(({ type }) => type).join(", ");
  },
  proof: ({ pile, driver, orderId }: Charge) => [
    { kind: "order" as const, id: orderId },
    { kind: "pile" as const, id: pile.id },
    { kind: "wallet" as const, id: driver.id },
  ],
};

/** Ops lend this driver up to so much (先充后补), in place of the rules. */
export const trust = (stage: Stage, { id }: Person, limitFen: number) =>
  stage.ops.api.ask("PUT", `/v1/ops/users/${id}/credit`, { body: { limitFen, reason: "drill" } });
export const onCredit = { by: "credit", autoCapture: true } as const;

/** What the pile itself says that it heard. */
export const heard = (pile: Pile, kind: string) =>
  pile.log("command").filter((did) => did.kind === kind);

export interface ShownConnector {
  status: string;
  plugged: boolean | null;
}
/** A connector as anybody may see it. */
export async function connectorShown(stage: Stage, pile: Pile): Promise<ShownConnector> {
  const { connectors } = await stage.ops.api.get<{ connectors: ShownConnector[] }>(
    `/v1/piles/${pile.id}`,
  );
  return connectors[0]!;
}
export const untilShown = (stage: Stage, pile: Pile, status: string, ms?: number) =>
  until(`the pile is shown ${status}`, async () => {
    return (await connectorShown(stage, pile)).status === status;
  }, ms);
