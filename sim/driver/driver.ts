// One driver with a phone: signs in, looks, starts, watches, stops and pays as the app would.
import * as z from "zod";
import type { Order, PaymentOpened, Quote, Session } from "../../wire/http.ts";
import type {
  Reservation,
  ReservationRulesAnswer,
  StartedAnswer,
} from "../../wire/http-reserve.ts";
import { inboxItem } from "../../wire/http-ops.ts";
import type { ChargeLimit } from "../../wire/pile.ts";
import type { OrderStatus, PayBy, Provider } from "../../wire/order.ts";
import type { CancelCost } from "../../wire/reservation.ts";
import { SimFault } from "../fault.ts";
import { Api, newKey, Refused } from "./api.ts";
import { Live, type LiveEar } from "./live.ts";

export interface DriverOptions {
  /** Public origin, http://host:port */
  readonly baseUrl: string;
  readonly phone: string;
  readonly device?: string;
  /** A code asked for before; absent: one is asked for and read in the demo's inbox. */
  readonly code?: string;
}

export interface StartPlan {
  readonly pileId: string;
  readonly connector?: number;
  readonly limit?: ChargeLimit;
  readonly by?: PayBy;
  readonly autoCapture?: boolean;
  /** The same key asks the same start again. */
  readonly key?: string;
  /** As seen on the pile's page; absent: looked up now. */
  readonly tariffVersion?: string;
}

export interface ReservePlan {
  readonly pileId: string;
  readonly connector?: number;
  /** When the window begins, from now on. */
  readonly inMs?: number;
  readonly minutes?: number;
  readonly rulesVersion?: string;
  readonly key?: string;
}

const LOOK_MS = 250;
const CODE_MS_MAX = 10_000;
const PAY_MS_MAX = 20_000;

export class Driver {
  readonly api: Api;
  readonly phone: string;
  #session: Session | null = null;

  constructor(private readonly options: DriverOptions) {
    this.api = new Api(options.baseUrl);
    this.phone = options.phone;
    this.api.renew = () => this.#renew();
  }

  get userId(): string {
    if (this.#session === null) throw new SimFault(`not signed in: '${this.phone}'`, "never");
    return this.#session.user.id;
  }

  // ---- sign-in

  async signIn(): Promise<Session> {
    const { phone, device = "simulated phone" } = this.options;
    const code = this.options.code ?? await this.#freshCode(phone);
    const body = { phone, code, device };
    const answer = await this.api.ask<Session>("POST", "/v1/auth/sessions", { body, tries: 1 });
    return this.#keep(answer.body);
  }

  /** Goes on with a session that was kept. */
  resume(session: Session): void {
    this.#keep(session);
  }

  #keep(session: Session): Session {
    this.#session = session;
    this.api.headers = { Authorization: `Bearer ${session.token}` };
    return session;
  }

  async #renew(): Promise<boolean> {
    const session = this.#session;
    if (session === null) return false;
    this.#session = null; // a refusal here must not come back here
    const { refresh } = session;
    try {
      const { body } = await this.api.ask<Session>("POST", "/v1/auth/refresh", {
        body: { refresh },
        tries: 1,
      });
      this.#keep({ ...session, ...body });
    } catch {
      await this.signIn(); // the refresh token is used up or revoked
    }
    return true;
  }

  async #freshCode(phone: string): Promise<string> {
    const sinceAt = Date.now();
    await this.api.ask("POST", "/v1/auth/code", { body: { phone } });
    const until = Date.now() + CODE_MS_MAX;
    while (Date.now() < until) {
      const items = z.array(inboxItem).parse(await this.api.get("/sandbox/inbox", { phone }));
      const coded = items.filter(({ at, code }) =>
        code !== undefined && Date.parse(at) >= sinceAt - 1_000
      );
      const newest = coded.sort((a, b) => Date.parse(a.at) - Date.parse(b.at)).at(-1);
      if (newest?.code !== undefined) return newest.code;
      await pause(LOOK_MS);
    }
    throw new SimFault(`no sign-in code came: '${phone}'`, "later");
  }

  // ---- money

  wallet(): Promise<{ balanceFen: number; heldFen: number }> {
    return this.api.get("/v1/wallet");
  }

  /** Asks for a recharge and pays it at the sandbox; settles when the money is there. */
  async recharge(fen: number, by: Provider = "wechat"): Promise<string> {
    const opened = await this.api.post<PaymentOpened>("/v1/wallet/recharges", { fen, by });
    return await this.#settle(opened);
  }

  async pay(orderId: string, by: PayBy = "wallet"): Promise<void> {
    const path = `/v1/orders/${orderId}/payments`;
    const opened = await this.api.post<PaymentOpened>(path, { purpose: "charge", by });
    if (opened.paymentId !== undefined && opened.status !== "succeeded") await this.#settle(opened);
  }

  /** The part of a payment that happens in the provider's own app. */
  async #settle(opened: PaymentOpened): Promise<string> {
    const { paymentId, handoff } = opened;
    if (paymentId === undefined) throw new SimFault("no payment was opened", "never");
    if (handoff?.kind === "sandbox") {
      await this.api.ask("POST", handoff.value, { body: {} });
    }
    const until = Date.now() + PAY_MS_MAX;
    for (;;) {
      const { status } = await this.api.get<{ status: string }>(`/v1/payments/${paymentId}`);
      if (status === "succeeded") return paymentId;
      if (status === "failed" || status === "closed") {
        throw new SimFault(`payment '${paymentId}': ${status}`, "never");
      }
      if (Date.now() > until) {
        throw new SimFault(`payment '${paymentId}': still ${status}`, "later");
      }
      await pause(LOOK_MS);
    }
  }

  // ---- charging

  /** The pile behind a printed number or a QR code's text. */
  resolve(code: string): Promise<{ pileId: string; code: string }> {
    return this.api.get("/v1/resolve", { code });
  }

  quote(pileId: string, connector = 1, limit?: ChargeLimit): Promise<Quote> {
    const [first] = Object.entries(limit ?? {});
    const query = { connector, limit: first === undefined ? undefined : first.join(":") };
    return this.api.get(`/v1/piles/${pileId}/quote`, query);
  }

  /** 启动中 with its order, or a Refused. */
  async start(plan: StartPlan): Promise<Order> {
    const { pileId, connector = 1, limit, by = "wallet", autoCapture = false } = plan;
    const tariffVersion = plan.tariffVersion ??
      (await this.quote(pileId, connector, limit)).tariffVersion;
    const pay = { by, autoCapture };
    const body = { pileId, connector, tariffVersion, pay, ageMs: 0 };
    const whole = limit === undefined ? body : { ...body, limit };
    return await this.api.post<Order>("/v1/orders", whole, plan.key ?? newKey());
  }

  order(id: string, waitV?: number): Promise<Order> {
    return this.api.get(`/v1/orders/${id}`, { waitV });
  }

  active(): Promise<{ orders: Order[]; reservations: Reservation[] }> {
    return this.api.get("/v1/me/active");
  }

  // ---- reservations

  rules(pileId: string): Promise<ReservationRulesAnswer> {
    return this.api.get(`/v1/piles/${pileId}/reservation-rules`);
  }

  /** 已预约 with its deposit held, or a Refused; from now on unless told otherwise. */
  async reserve(plan: ReservePlan): Promise<Reservation> {
    const { pileId, connector = 1, inMs = 0, minutes = 15, key = newKey() } = plan;
    const rulesVersion = plan.rulesVersion ?? (await this.rules(pileId)).rules.rulesVersion;
    const from = new Date(Date.now() + inMs).toISOString();
    const pay = { by: "wallet" };
    const body = { pileId, connector, from, minutes, rulesVersion, pay };
    return await this.api.post<Reservation>("/v1/reservations", body, key);
  }

  reservation(id: string): Promise<Reservation> {
    return this.api.get(`/v1/reservations/${id}`);
  }

  /** At the cost that is shown. */
  async cancel(id: string): Promise<Reservation> {
    const { costVersion } = await this.api.get<CancelCost>(`/v1/reservations/${id}/cancel-cost`);
    return await this.api.post(`/v1/reservations/${id}/cancel`, { costVersion });
  }

  /** A new charging order at the reserved pile, or a Refused. */
  async startReserved(id: string, plan: StartPlan): Promise<StartedAnswer> {
    const { pileId, connector = 1, limit, by = "wallet", autoCapture = false } = plan;
    const tariffVersion = plan.tariffVersion ?? (await this.quote(pileId, connector)).tariffVersion;
    const body = { pileId, connector, tariffVersion, pay: { by, autoCapture }, ageMs: 0 };
    const whole = limit === undefined ? body : { ...body, limit };
    return await this.api.post(`/v1/reservations/${id}/start`, whole, plan.key ?? newKey());
  }

  stop(orderId: string, key?: string): Promise<Order> {
    return this.api.post(`/v1/orders/${orderId}/stop`, {}, key);
  }

  /** Waits (long-polling) until the order has one of these statuses. */
  async until(
    orderId: string,
    statuses: readonly OrderStatus[],
    timeoutMs: number,
  ): Promise<Order> {
    const end = Date.now() + timeoutMs;
    let order = await this.order(orderId);
    while (!statuses.includes(order.status)) {
      if (Date.now() > end) {
        const wanted = statuses.join(" or ");
        throw new SimFault(`order '${orderId}' is not ${wanted}: ${order.status}`, "later");
      }
      const before = order.v;
      order = await this.order(orderId, order.v);
      if (order.v === before) await pause(LOOK_MS); // a platform without waitV is not hammered
    }
    return order;
  }

  /** A live connection of this driver's own. */
  live(ear: LiveEar): Live {
    return new Live(this.options.baseUrl, () => this.#session?.token ?? "", ear);
  }
}

export const createDriver = (options: DriverOptions): Driver => new Driver(options);
export { Refused };

const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));
