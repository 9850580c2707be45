// Payments, wallet, recharges and bound accounts. Amounts come from orders; only a recharge names one.
import * as z from "zod";
import { bindingId, orderId, paymentId } from "../../../wire/ids.ts";
import {
  bindBody,
  bindingOpened,
  bindings,
  linesQuery,
  payBody,
  payment,
  paymentOpened,
  rechargeBody,
  versionQuery,
  wallet as purse,
  walletLines,
} from "../../../wire/http.ts";
import type { PaymentView, WalletView } from "../../../wire/money.ts";
import type { UserView } from "../../../wire/user.ts";
import { isoOf } from "../../../wire/units.ts";
import { answered, type Good, no, ok } from "../answer.ts";
import { commanded, look } from "../command.ts";
import type { HttpDeps } from "../deps.ts";
import { type Asked, type Route, route } from "../route.ts";

const byPayment = z.strictObject({ id: paymentId });
const opened = (body: unknown): Good => {
  const { paymentId, status, handoff } = body as PaymentView;
  return { status: 201, body: { paymentId, status, ...(handoff ? { handoff } : {}) } };
};

export function moneyRoutes(deps: HttpDeps): Route[] {
  return [...paymentRoutes(deps), ...walletRoutes(deps), ...bindingRoutes(deps)];
}

function paymentRoutes({ client }: HttpDeps): Route[] {
  const base = { tag: "payments" };
  return [
    route({
      ...base,
      key: "needed",
      method: "POST",
      path: "/v1/orders/{id}/payments",
      summary: "Pay what is due; the amount is the order's",
      params: z.strictObject({ id: orderId }),
      body: payBody,
      answers: { 201: paymentOpened },
      handle(asked) {
        const to = { kind: "order", id: asked.params.id };
        const pay = { to, type: "PayOrder", body: asked.body };
        return commanded(client, asked, pay, (body) => ({ status: 201, body }));
      },
    }),
    route({
      ...base,
      key: "exempt",
      method: "GET",
      path: "/v1/payments/{id}",
      summary: "One payment; waitV waits for what is to come",
      params: byPayment,
      query: versionQuery,
      answers: { 200: payment },
      async handle(asked) {
        const to = { kind: "payment", id: asked.params.id };
        const reply = await look(client, asked, { to }, asked.query);
        if (reply.ok && isOthers(asked, reply.body as PaymentView)) {
          return no("payment.unknown", { paymentId: asked.params.id });
        }
        return answered(reply, (body) => ok(body));
      },
    }),
    route({
      ...base,
      key: "needed",
      method: "POST",
      path: "/v1/payments/{id}/close",
      summary: "Give a payment up; another one may be opened once it is closed",
      params: byPayment,
      answers: { 200: payment },
      handle(asked) {
        const to = { kind: "payment", id: asked.params.id };
        return commanded(client, asked, { to, type: "ClosePayment" }, (body) => ok(body));
      },
    }),
  ];
}
const isOthers = ({ who }: Asked, { userId }: PaymentView): boolean =>
  who.kind === "driver" && who.userId !== userId;

function walletRoutes({ client, views, clock, entityId, drills }: HttpDeps): Route[] {
  return [
    route({
      tag: "wallet",
      key: "exempt",
      method: "GET",
      path: "/v1/wallet",
      summary: "Balance and what is held",
      query: versionQuery,
      answers: { 200: purse },
      async handle(asked) {
        const { id } = asked.principal;
        const [wallet, user] = await Promise.all([
          look(client, asked, { to: { kind: "wallet", id } }, asked.query),
          look(client, asked, { to: { kind: "user", id } }),
        ]);
        if (!user.ok) return answered(user, () => ({ status: 200 }));
        return answered(wallet, (body) => ok(purseOf(body as WalletView, user.body as UserView)));
      },
    }),
    route({
      tag: "wallet",
      key: "exempt",
      method: "GET",
      path: "/v1/wallet/lines",
      summary: "The statement, newest first",
      query: linesQuery,
      answers: { 200: walletLines },
      async handle({ tenant, principal, query }) {
        const unguarded = drills?.without(principal.id).has("books.statement") ?? false;
        const page = unguarded
          ? { items: [], next: null }
          : await views.walletLines(tenant, principal.id, query);
        const lagMs = views.lagMs();
        return ok({ ...page, asOf: isoOf(clock.now() - lagMs), lagMs });
      },
    }),
    route({
      tag: "wallet",
      key: "needed",
      method: "POST",
      path: "/v1/wallet/recharges",
      summary: "Recharge the wallet",
      body: rechargeBody,
      answers: { 201: paymentOpened },
      handle(asked) {
        const { tenant, principal, route, key, body } = asked;
        const id = entityId("pay", { tenant, principal, route, key });
        const split = { energyFen: 0, serviceFen: 0 };
        return commanded(client, asked, {
          to: { kind: "payment", id },
          type: "OpenPayment",
          body: { userId: principal.id, purpose: "recharge", ...body, ...split },
        }, opened);
      },
    }),
  ];
}

/** The wallet as its owner sees it: with what is owed, and what may be charged on credit. */
function purseOf(wallet: WalletView, user: UserView): z.infer<typeof purse> {
  const { id: _id, creditUsedFen: usedFen, paidCharges, ...shown } = wallet;
  const { limitFen, paidMin, why } = user.credit;
  const tooNew = paidCharges < paidMin ? { why: "too-new" as const } : {};
  const refused = why ? { why } : tooNew;
  const leftFen = "why" in refused ? 0 : Math.max(0, limitFen - usedFen);
  const { startsBarredUntil } = user;
  const barred = startsBarredUntil === undefined ? {} : { startsBarredUntil };
  return {
    ...shown,
    debts: user.debts,
    ...barred,
    credit: { limitFen, usedFen, leftFen, ...refused },
  };
}

function bindingRoutes({ client, entityId }: HttpDeps): Route[] {
  return [
    route({
      tag: "bindings",
      key: "needed",
      method: "POST",
      path: "/v1/me/bindings",
      summary: "Bind an account that pays without the user's hand (免密支付)",
      body: bindBody,
      answers: { 201: bindingOpened },
      handle(asked) {
        const { tenant, principal, route, key, body } = asked;
        const scope = { tenant, principal, route, key };
        const binding = entityId("bnd", scope);
        const amounts = { fen: 0, energyFen: 0, serviceFen: 0 };
        return commanded(client, asked, {
          to: { kind: "payment", id: entityId("pay", scope) },
          type: "OpenPayment",
          body: {
            userId: principal.id,
            purpose: "binding",
            ...amounts,
            by: body.by,
            bindingId: binding,
          },
        }, (shown) => {
          const good = opened(shown);
          return { ...good, body: { bindingId: binding, ...good.body as object } };
        });
      },
    }),
    route({
      tag: "bindings",
      key: "exempt",
      method: "GET",
      path: "/v1/me/bindings",
      summary: "Bound accounts",
      answers: { 200: bindings },
      async handle(asked) {
        const reply = await look(client, asked, { to: { kind: "user", id: asked.principal.id } });
        return answered(reply, (body, v) => ok({ v, items: (body as UserView).bindings }));
      },
    }),
    route({
      tag: "bindings",
      key: "needed",
      method: "DELETE",
      path: "/v1/me/bindings/{id}",
      summary: "Unbind an account",
      params: z.strictObject({ id: bindingId }),
      answers: { 204: null },
      handle(asked) {
        const to = { kind: "user", id: asked.principal.id };
        const unbind = { to, type: "RemoveBinding", body: { bindingId: asked.params.id } };
        return commanded(client, asked, unbind, () => ({ status: 204 }));
      },
    }),
  ];
}
