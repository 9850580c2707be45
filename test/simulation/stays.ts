// Cars that stay after their charge: the driver forgets them, pays for it or not, appeals; ops warn,
// unlock the gun, and sometimes shut the pile for a while.
import type { Client } from "../../server/runtime/mod.ts";
import type { Random } from "../../sim/random.ts";
import { confirmOf } from "../../actors/order/stay-bay.ts";
import type { Asker, Settled } from "./asker.ts";
import type { Device } from "./device.ts";
import { TENANT } from "./gateway.ts";
import type { Provider } from "./provider.ts";
import type { Time } from "./time.ts";
import { settings } from "./town.ts";

export interface Parked {
  userId: string;
  orderId: string;
  device: Device;
  no: number;
}
interface Around {
  time: Time;
  random: Random;
  asker: Asker;
  client: Client;
  provider: Provider;
  say(words: string): void;
  count(name: string): void;
}
/** Some are back within the grace of 7.5 s, some only behind the cap of 57.5 s. */
const AWAY_MS_MAX = 70_000;
const SHUT_MS_MAX = 8_000;
type Body = Record<string, unknown>;

/** Until its driver comes for it. */
export async function leftStanding(parked: Parked, around: Around): Promise<void> {
  const { random, time, say, count } = around;
  const { userId, device, no } = parked;
  say(`${userId} leaves the car at ${device.id}/${no}`);
  count("car-left-standing");
  const isCleared = random.next() < 0.4;
  const awayMs = random.between(1_000, AWAY_MS_MAX);
  if (isCleared) void cleared(parked, around);
  await time.sleep(awayMs);
}

/** The fee, once it is final: paid by a tap, or appealed against and decided by ops. */
export async function settledUp(parked: Parked, around: Around): Promise<void> {
  const { random, time, provider } = around;
  await time.sleep(random.between(100, 3_000));
  if (random.next() < 0.4) {
    await asked(parked, around, "AppealOverstay", { text: "the gate was shut" });
    const decision = { waive: random.next() < 0.5, reason: "looked at" };
    await asked(parked, around, "DecideOverstay", decision, "service");
  }
  if (random.next() < 0.3) return;
  const by = random.pick(["wallet", "wechat", "alipay"] as const);
  const paid = await asked(parked, around, "PayOrder", { purpose: "overstay", by });
  const { paymentId } = (paid?.ok ? paid.body : {}) as { paymentId?: string };
  if (paymentId === undefined) return;
  await time.sleep(random.between(100, 10_000));
  if (random.next() < 0.8) provider.pay(paymentId);
}

/** Ops: told first, then released with the second confirmation. */
async function cleared(parked: Parked, around: Around): Promise<void> {
  const { random, time, say, count } = around;
  const { device: { id: pileId }, no: connector } = parked;
  const shut = random.next() < 0.3;
  await time.sleep(random.between(500, 20_000));
  const warned = await asked(parked, around, "WarnBay", { reason: "blocks the bay" }, "operator");
  if (!warned?.ok) return;
  await time.sleep(settings.bayWarnMs + random.between(100, 2_000));
  const confirm = confirmOf({ pileId, connector });
  const release = { reason: "blocks the bay", shut, confirm };
  say(`ops release ${pileId}/${connector}${shut ? " and shut it" : ""}`);
  const done = await asked(parked, around, "ReleaseBay", release, "operator");
  if (done?.ok) count("bay-released");
  if (!shut) return;
  await time.sleep(random.between(500, SHUT_MS_MAX));
  await asked(parked, around, "EnablePile", { reason: "the bay is free" }, "operator", {
    kind: "pile",
    id: pileId,
  });
}

/** By its driver, or by ops of that role; each once. */
async function asked(
  { userId, orderId }: Parked,
  { asker, client }: Around,
  type: string,
  body: Body,
  role?: string,
  to = { kind: "order", id: orderId },
): Promise<Settled | null> {
  return await asker.insist(client, {
    id: `stay-${orderId}-${type}`,
    to: { tenant: TENANT, ...to },
    type,
    body,
    principal: role === undefined
      ? { kind: "driver", id: userId }
      : { kind: "ops", id: "ops_0003", roles: [role] },
  });
}
