// A town for charges: order, user, wallet and payment are real, pile and provider are played by the
// test. Says what a pile says, and gives the whole book for the money rules.
import { order } from "../../actors/order/mod.ts";
import { payment } from "../../actors/payment/mod.ts";
import { user } from "../../actors/user/mod.ts";
import { wallet } from "../../actors/wallet/mod.ts";
import type { Posting } from "../../wire/money.ts";
import { chargingSettings } from "../../wire/settings.ts";
import type { Tariff } from "../../wire/tariff.ts";
import { driver, type Fake, no, ok, type Reply, system, Town, type TownOptions } from "./town.ts";

export const T0 = Date.UTC(2026, 4, 4, 2, 0, 0); // 10:00 in Shanghai
export const USER = "usr_anna0001";
export const PILE = "P0001";
export const ORDER = "ord_01kcharge0aaaabbbbccccdddd";
/** 1.00 yuan a kWh by day, 0.60 by night. */
export const tariff: Tariff = {
  version: "tv_1",
  currency: "CNY",
  zone: "Asia/Shanghai",
  periods: [
    {
      fromMinute: 0,
      toMinute: 480,
      kind: "valley",
      energyMilliFenPerKwh: 40_000,
      serviceMilliFenPerKwh: 20_000,
    },
    {
      fromMinute: 480,
      toMinute: 1440,
      kind: "peak",
      energyMilliFenPerKwh: 70_000,
      serviceMilliFenPerKwh: 30_000,
    },
  ],
  overstay: { graceMinutes: 15, fenPerMinute: 50, capFen: 5_000 },
};
export const kept = {
  stationId: "stn_north",
  tariff,
  ratedPowerW: 120_000,
  registerWh: 1_000,
  plugged: true,
  lane: "native",
};
export const segment = (wh: number, from = 0) => ({
  fromAt: T0 + from,
  toAt: T0 + from + 60_000,
  kind: "peak",
  energyMilliFenPerKwh: 70_000,
  serviceMilliFenPerKwh: 30_000,
  wh,
  source: "pile",
});
export const settings = chargingSettings.parse({});

type Body = Record<string, unknown>;
export class ChargeTown extends Town {
  /** What the pile and the provider answer; a test changes them. */
  readonly pile: Record<string, (body: Body) => Reply | null>;
  readonly provider: Record<string, (body: Body) => Reply | null>;

  constructor(more: Partial<TownOptions> = {}) {
    const pile: ChargeTown["pile"] = {
      KeepConnector: () => ok(kept),
      LetConnectorGo: () => ok(),
      StartConnector: () => ok(),
      RaiseLimit: () => ok(),
      StopConnector: () => ok(),
    };
    const provider: ChargeTown["provider"] = {
      create: () => ok({ status: "open", handoff: { kind: "sandbox", value: "pay-here" } }),
      query: () => ok({ status: "open" }),
      close: () => ok({ status: "closed" }),
      refund: () => ok({ status: "refunded" }),
    };
    const byPile: Fake = (message) =>
      message.do === "tell" ? pile[message.type]!(message.body) : null;
    const byProvider: Fake = ({ body }) => provider[String(body.op)]!(body);
    super({
      at: T0,
      settings,
      actors: [order, user, wallet, payment],
      fakes: { pile: byPile, payment: byProvider, notify: () => ok(), patrol: () => ok() },
      ...more,
    });
    this.pile = pile;
    this.provider = provider;
  }

  /** A driver with that much in the wallet. */
  person(fen: number, id = USER): this {
    this.send({ kind: "user", id }, { type: "RegisterUser", agreementVersion: "1" }, system);
    this.run();
    if (fen > 0) {
      const body = { paymentId: "pay_first0001", purpose: "recharge", by: "wechat", fen };
      const split = { energyFen: 0, serviceFen: 0 };
      this.send({ kind: "wallet", id }, { type: "BookPayment", ...body, ...split }, {
        kind: "actor",
        id: "payment/pay_first0001",
      });
    }
    return this;
  }
  bind(by: "wechat" | "alipay", id = USER): this {
    const body = { bindingId: "bnd_0001", by, contract: "C-1" };
    const from = { kind: "actor" as const, id: "payment/pay_bind0001" };
    this.send({ kind: "user", id }, { type: "AddBinding", ...body }, from);
    return this;
  }

  order(command: { type: string; [field: string]: unknown }, who = driver(USER), id?: string) {
    return this.send({ kind: "order", id: ORDER }, command, who, id);
  }
  start(more: Body = {}, orderId = ORDER, who = USER) {
    return this.send(
      { kind: "order", id: orderId },
      {
        type: "StartCharge",
        pileId: PILE,
        connector: 1,
        tariffVersion: "tv_1",
        limit: {},
        pay: { by: "wallet", autoCapture: true },
        ageMs: 100,
        ...more,
      },
      driver(who),
      `start-${orderId}`,
    );
  }
  says(type: string, body: Body = {}, orderId = ORDER, pileId = PILE) {
    const principal = { kind: "actor" as const, id: `pile/${pileId}` };
    return this.send({ kind: "order", id: orderId }, { type, ...body }, principal);
  }
  started() {
    return this.says("ConnectorStarted", { registerWh: 1_000, deviceAt: T0, segments: [] });
  }
  /** As it was asked for, else at the car's own wish. */
  ended(wh: number, more: Body = {}, orderId = ORDER) {
    const { status } = this.state<{ status: string }>("order", orderId);
    return this.says("ConnectorEnded", {
      reason: status === "stopping" ? "remote" : "local",
      startRegisterWh: 1_000,
      registerWh: 1_000 + wh,
      deviceAt: T0 + 60_000,
      segments: wh > 0 ? [segment(wh)] : [],
      ...more,
    }, orderId);
  }
  /** Until 充电中. */
  charging(more: Body = {}): this {
    this.start(more);
    this.run();
    this.started();
    this.run();
    return this;
  }
  get status(): string {
    return this.state<{ status: string }>("order", ORDER).status;
  }
  get balanceFen(): number {
    return this.state<{ balanceFen: number }>("wallet", USER).balanceFen;
  }
  view(who = driver(USER)): Body {
    const out = this.read({ kind: "order", id: ORDER }, "show", who);
    return out.ok ? out.body as Body : { refused: out.refusal.code };
  }
  /** All messages of a kind that reached their target. */
  told(type: string): Body[] {
    return this.delivered.flatMap(({ message }) =>
      message.do === "tell" && message.type === type ? [message.body] : []
    );
  }
  notices(): string[] {
    return this.noticed().map(({ code }) => String(code));
  }
  /** Code and facts of each. */
  noticed(): { code: unknown; facts: unknown }[] {
    return this.delivered.flatMap(({ message }) =>
      message.do === "call" && message.port === "notify"
        ? [{ code: message.body.code, facts: message.body.facts }]
        : []
    );
  }
  incidents(): string[] {
    return this.log.flatMap(({ event }) =>
      event.type === "IncidentRaised" ? [[event.row, event.cause, event.outcome].join(" ")] : []
    );
  }
  /** The whole book: every account's sum, debit positive. */
  book(): Record<string, number> {
    const sums: Record<string, number> = {};
    for (const { event } of this.log) {
      for (const { account, fen } of (event.postings ?? []) as Posting[]) {
        sums[account] = (sums[account] ?? 0) + fen;
      }
    }
    return sums;
  }
}
export { driver, no, ok, system };
export const ops = { kind: "ops" as const, id: "ops_0001", roles: ["operator"] };
