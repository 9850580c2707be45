// Who comes to the busy pile: drivers in turn, by app and by card, a link that breaks, power that fails,
// faults, and new prices every month.
import { time10 } from "../../actors/pile/names.ts";
import { type Client, entityId } from "../../server/runtime/mod.ts";
import type { Principal } from "../../wire/envelope.ts";
import type { WalletView } from "../../wire/money.ts";
import type { Tariff } from "../../wire/tariff.ts";
import type { UserView } from "../../wire/user.ts";
import type { Random } from "../../sim/random.ts";
import type { Asker, Settled } from "../simulation/asker.ts";
import { type Line, TENANT } from "../simulation/gateway.ts";
import { powerUp } from "../simulation/mishaps.ts";
import { TARIFF_VERSION } from "../simulation/people.ts";
import type { Provider } from "../simulation/provider.ts";
import type { Time } from "../simulation/time.ts";
import { CONNECTORS, USERS } from "../simulation/town.ts";

export interface YearPeopleOptions {
  tariffEveryMs?: number | undefined;
  time: Time;
  random: Random;
  asker: Asker;
  client: Client;
  line: Line;
  provider: Provider;
  chargesADay: number;
  until(at: number): Promise<void>;
  count(name: string): void;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** How often a station's prices change where nothing else is said. */
const MONTH_MS = 365 * DAY_MS / 12;
const CHARGE_MIN = [15, 45] as const;
const LOW_FEN = 15_000;
const RECHARGE_FEN = 30_000;
const BY_CARD = 0.3;
const BY_ACCOUNT = 0.1;
const ops: Principal = { kind: "ops", id: "ops_0001", roles: ["admin"] };
const driver = (id: string): Principal => ({ kind: "driver", id });
const periods = (fen: number): Tariff["periods"] =>
  ([[0, 420, "valley"], [420, 660, "flat"], [660, 840, "peak"], [840, 1440, "flat"]] as const)
    .map(([fromMinute, toMinute, kind], i) => ({
      fromMinute,
      toMinute,
      kind,
      energyMilliFenPerKwh: (fen + 20 * (i % 3)) * 1_000,
      serviceMilliFenPerKwh: 40_000,
    }));

export class YearPeople {
  #keys = 0;
  #version = TARIFF_VERSION;

  constructor(readonly options: YearPeopleOptions) {}

  live(): void {
    for (let no = 1; no <= CONNECTORS; no++) void this.#come(no);
    void this.#mishaps();
    void this.#prices();
  }

  async #come(no: number): Promise<void> {
    const { time, random, chargesADay, until } = this.options;
    const slotMs = DAY_MS * CONNECTORS / chargesADay;
    const begin = time.tick;
    for (let n = 0;; n++) {
      await until(begin + slotMs * (n + 0.3 * random.next()));
      const [userId] = USERS[(n * CONNECTORS + no - 1) % USERS.length]!;
      await this.#charge(userId, no);
    }
  }

  async #charge(userId: string, no: number): Promise<void> {
    const { random, line: { device }, count } = this.options;
    await this.#recharge(userId);
    await this.#settle(userId);
    device.plug(no);
    await this.#after(random.between(5, 20) * 1_000);
    const byCard = random.next() < BY_CARD;
    const orderId = this.#entity(userId, "ord", "/v1/orders");
    if (byCard) device.swipe(no, `CARD-${userId.slice(4, 8)}`, userId, false);
    else count((await this.#start(userId, orderId, no)).ok ? "start-accepted" : "start-refused");
    await this.#after(random.between(...CHARGE_MIN) * MINUTE_MS);
    if (!device.socket(no).session) count("nothing-ran");
    const how = random.next();
    if (how < 0.4 && !byCard) await this.#order(userId, orderId, "StopCharge", {});
    else if (how < 0.7) device.end(no, "local");
    await this.#after(random.between(5, 60) * 1_000);
    device.unplug(no);
    count("charges");
  }

  #start(userId: string, orderId: string, no: number): Promise<Settled> {
    const { random, line } = this.options;
    const byAccount = random.next() < BY_ACCOUNT;
    return this.#order(userId, orderId, "StartCharge", {
      pileId: line.device.id,
      connector: no,
      tariffVersion: this.#version,
      limit: {},
      pay: { by: byAccount ? random.pick(["wechat", "alipay"]) : "wallet", autoCapture: true },
      ageMs: 100,
    });
  }

  async #recharge(userId: string): Promise<void> {
    const { client, provider, count } = this.options;
    const to = { tenant: TENANT, kind: "wallet", id: userId };
    const principal = driver(userId);
    const reply = await client.read({ to, name: "show", principal });
    if (!("ok" in reply) || !reply.ok) return;
    if ((reply.body as WalletView).balanceFen >= LOW_FEN) return;
    const id = this.#entity(userId, "pay", "/v1/me/payments");
    const fen = RECHARGE_FEN;
    const body = { userId, purpose: "recharge", fen, energyFen: 0, serviceFen: 0, by: "wechat" };
    await this.#ask({ kind: "payment", id }, "OpenPayment", body, principal);
    await this.#after(10_000);
    provider.pay(id);
    await this.#after(10_000);
    count("recharges");
  }

  /** What a bound account did not give is paid by hand, else no charge begins. */
  async #settle(userId: string): Promise<void> {
    const { client, count } = this.options;
    const to = { tenant: TENANT, kind: "user", id: userId };
    const reply = await client.read({ to, name: "show", principal: driver(userId) });
    if (!("ok" in reply) || !reply.ok) return;
    for (const { orderId } of (reply.body as UserView).debts) {
      await this.#order(userId, orderId, "PayOrder", { purpose: "charge", by: "wallet" });
      count("debts-paid");
    }
  }

  /** A link that breaks each day, power that fails each month, a fault each week; one of them at a time. */
  async #mishaps(): Promise<void> {
    const { random, line, time, until, count } = this.options;
    const { device } = line;
    for (;;) {
      await until(time.tick + random.between(0.3, 1) * DAY_MS);
      const what = (["link", "fault", "power"] as const)[random.weighted([20, 5, 1])]!;
      const no = 1 + Math.floor(random.next() * CONNECTORS);
      count(`mishap-${what}`);
      if (what === "link") line.lose(random.next() < 0.7);
      else if (what === "fault") device.fault(no, false);
      else {
        device.cut();
        line.lose(true);
      }
      await this.#after(random.between(1, 40) * MINUTE_MS);
      if (what === "link") await line.connect();
      else if (what === "fault") device.fault(no, true);
      else powerUp(line, () => {});
    }
  }

  async #prices(): Promise<void> {
    const { time, until, count, tariffEveryMs = MONTH_MS } = this.options;
    const to = { kind: "station", id: "stn_north" };
    const rest = {
      currency: "CNY" as const,
      zone: "Asia/Shanghai",
      overstay: { graceMinutes: 15, fenPerMinute: 50, capFen: 5_000 },
    };
    for (let n = 2;; n++) {
      await until(time.tick + tariffEveryMs);
      const tariff: Tariff = { version: `tv_${n}`, periods: periods(40 + n % 12), ...rest };
      await this.#ask(to, "DraftTariff", { tariff }, ops);
      const publish = { version: tariff.version, reason: "monthly" };
      const reply = await this.#ask(to, "PublishTariff", publish, ops);
      if (!reply.ok) continue;
      this.#version = tariff.version;
      count("tariffs");
    }
  }

  #order(userId: string, id: string, type: string, body: Record<string, unknown>) {
    return this.#ask({ kind: "order", id }, type, body, driver(userId));
  }

  async #ask(
    to: { kind: string; id: string },
    type: string,
    body: Record<string, unknown>,
    principal: Principal,
  ): Promise<Settled> {
    const { asker, client, count } = this.options;
    const id = `cmd-${++this.#keys}`;
    const reply = await asker.insist(client, {
      id,
      to: { tenant: TENANT, ...to },
      type,
      body,
      principal,
    });
    if (!reply!.ok) count(`${type}: ${reply!.refusal.code}`);
    return reply!;
  }

  #after(ms: number): Promise<void> {
    return this.options.until(this.options.time.tick + ms);
  }

  #entity(userId: string, prefix: string, route: string): string {
    const digits = `${++this.#keys}`.padStart(16, "0");
    const key = `${time10(this.options.time.now())}${digits}`;
    return entityId(prefix, { tenant: TENANT, principal: driver(userId), route, key });
  }
}
