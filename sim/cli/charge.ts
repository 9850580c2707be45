// `sim charge`: one whole charge of one driver on the public API, step by step.
import type { PayBy } from "../../wire/order.ts";
import { createDriver, type Driver } from "../driver/mod.ts";
import { readOptions, type Say, speaker, UsageFault } from "./options.ts";

const START_MS_MAX = 95_000; // 启动中 lasts 90 s at most
const STOP_MS_MAX = 60_000;
const BY = ["wallet", "wechat", "alipay", "credit"] as const;

export async function runCharge(args: string[]): Promise<number> {
  const options = readOptions(args, {
    url: { type: "string" },
    phone: { type: "string" },
    pile: { type: "string" },
    connector: { type: "string", default: "1" },
    wh: { type: "string" },
    seconds: { type: "string" },
    by: { type: "string", default: "wallet" },
    "auto-capture": { type: "boolean" },
    recharge: { type: "string" },
    code: { type: "string" },
    json: { type: "boolean" },
  });
  const say = speaker(options.flag("json"));
  const by = BY.find((each) => each === options.text("by"));
  if (by === undefined) throw new UsageFault(`--by is one of ${BY.join(", ")}`);
  const code = options.maybe("code");
  const driver = createDriver({
    baseUrl: options.text("url"),
    phone: options.text("phone"),
    device: "sim charge",
    ...(code === undefined ? {} : { code }),
  });
  await driver.signIn();
  say("signed-in", { userId: driver.userId });
  if (options.maybe("recharge") !== undefined) {
    await driver.recharge(options.number("recharge"));
    say("recharged", await driver.wallet());
  }
  const order = await driver.start({
    pileId: options.text("pile"),
    connector: options.number("connector"),
    autoCapture: options.flag("auto-capture"),
    by,
  });
  say("order", { id: order.id, status: order.status });
  const enoughWh = options.maybe("wh") === undefined ? Infinity : options.number("wh");
  const seconds = options.maybe("seconds") === undefined ? 30 : options.number("seconds");
  const ms = Number.isFinite(enoughWh) ? 12 * 3_600_000 : seconds * 1_000;
  return await charge(driver, { id: order.id, enoughWh, ms, by }, say);
}

async function charge(
  driver: Driver,
  { id, enoughWh, ms, by }: { id: string; enoughWh: number; ms: number; by: PayBy },
  say: Say,
): Promise<number> {
  const over = ["start-failed", "declined", "awaiting-payment", "paid", "bill-review"] as const;
  const running = await driver.until(id, ["charging", "stopping", ...over], START_MS_MAX);
  say(running.status, { why: running.why, startedAt: running.startedAt });
  if (running.status === "start-failed" || running.status === "declined") return 1;
  await enough(driver, id, enoughWh, ms, say);
  await driver.stop(id);
  const ended = await driver.until(id, over, STOP_MS_MAX);
  const { ending, bill } = ended;
  say(ended.status, { ending, energyWh: bill?.energyWh, totalFen: bill?.totalFen });
  if (ended.status !== "awaiting-payment") return ended.status === "paid" ? 0 : 1;
  await driver.pay(id, by);
  const paid = await driver.until(id, ["paid"], STOP_MS_MAX);
  say(paid.status, { paidAt: paid.paidAt });
  return 0;
}

/** Shows the live numbers until enough has flowed, the time is over, or it ended by itself. */
function enough(driver: Driver, id: string, wh: number, ms: number, say: Say): Promise<void> {
  return new Promise((done) => {
    const live = driver.live({
      tick({ energyWh, powerW, socPct, costFen }) {
        say("tick", { energyWh, powerW, socPct, costFen });
        if (energyWh >= wh) end();
      },
      fact({ data }) {
        const status = (data.view as { status?: string } | null)?.status;
        if (status !== undefined && status !== "charging") end();
      },
    });
    const timer = setTimeout(() => end(), ms);
    const end = () => {
      clearTimeout(timer);
      live.close();
      done();
    };
    void live.watch(`order:${id}`).catch((error) => say("note", { words: error.message }));
  });
}
