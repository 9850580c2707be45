// Attacks by who asks: other people's things, things that are not there, tokens, roles, stations.
import { newKey } from "../../../sim/mod.ts";
import type { Attack, Ground, Headers1, Role } from "./ground.ts";
import { forgedToken, renamed, unsigned } from "./scoped.ts";

/** What belongs to somebody else is as unknown as what never was: 404, never 403. */
export function others({ of, stranger, owned }: Ground): Attack[] {
  const { orderId, paidOrderId, paymentId } = owned;
  const headers = of(stranger);
  const unknown = (code: string, method: string, path: string, body?: unknown): Attack => ({
    name: `other people's: ${method} ${path.replace(/\/(ord|pay)_\w+/, "/$1")}`,
    method,
    path,
    headers,
    ...(body === undefined ? {} : { body }),
    status: 404,
    code,
  });
  const order = (method: string, path: string, body?: unknown) =>
    unknown("order.unknown", method, path, body);
  return [
    order("GET", `/v1/orders/${orderId}`),
    order("GET", `/v1/orders/${paidOrderId}/bill`),
    order("GET", `/v1/orders/${paidOrderId}/receipt`),
    order("GET", `/v1/orders/${paidOrderId}/curve`),
    order("GET", "/v1/orders/ord_neverwas"),
    order("POST", `/v1/orders/${orderId}/stop`, {}),
    order("POST", "/v1/orders/ord_neverwas/stop", {}),
    order("POST", `/v1/orders/${paidOrderId}/payments`, { purpose: "charge", by: "wallet" }),
    unknown("payment.unknown", "GET", `/v1/payments/${paymentId}`),
    unknown("payment.unknown", "GET", "/v1/payments/pay_neverwas"),
    unknown("payment.unknown", "POST", `/v1/payments/${paymentId}/close`, {}),
  ];
}

/** Things that are not there. */
export function absent({ of, stranger }: Ground): Attack[] {
  const base = { status: 404, code: "pile.unknown" };
  const [mine, ops] = [of(stranger), of("admin")];
  const pay = { by: "wallet", autoCapture: false };
  const start = { pileId: "NO-SUCH", connector: 1, tariffVersion: "tv_1", pay, ageMs: 0 };
  const card = { idTag: "X1", userId: "usr_neverwas" };
  const get = (path: string, headers: Headers1) => ({ ...base, method: "GET", path, headers });
  const post = (path: string, headers: Headers1, body: unknown) => ({
    ...base,
    method: "POST",
    path,
    headers,
    body,
  });
  const reason = "attack";
  const gone: Omit<Attack, "name">[] = [
    get("/v1/piles/NO-SUCH", mine),
    get("/v1/piles/NO-SUCH/quote?connector=1", mine),
    get("/v1/ops/piles/NO-SUCH/timeline", ops),
    { ...get("/v1/stations/stn_neverwas", mine), code: "station.unknown" },
    post("/v1/ops/piles/NO-SUCH/secret", ops, {}),
    post("/v1/ops/piles/NO-SUCH/commands", ops, { kind: "disable", reason, confirm: true }),
    post("/v1/ops/estop", ops, { pileId: "NO-SUCH", reason }),
    { ...post("/v1/ops/estop", ops, { stationId: "stn_no", reason }), code: "request.malformed" },
    {
      ...post("/v1/ops/estop", ops, { stationId: "stn_neverwas", reason }),
      code: "station.unknown",
    },
    post("/v1/orders", mine, start),
    { ...post("/v1/ops/id-tags", ops, card), method: "PUT", code: "user.unknown" },
  ];
  return gone.map((one) => ({
    ...one,
    status: one.code === "request.malformed" ? 400 : 404,
    name: `not there: ${one.method} ${one.path}`,
  }));
}

/** Tokens of others, of other uses, of other platforms, of nobody. */
export async function tokens({ world, of, stranger, victim }: Ground): Promise<Attack[]> {
  const mine = of(stranger).Authorization!.slice("Bearer ".length);
  const { userId: sub } = victim;
  const wallet = { method: "GET", path: "/v1/wallet", status: 401, code: "auth.required" };
  const secret = "another-secret-of-at-least-32-characters";
  const aDay = 24 * 3_600_000;
  const bearers: [name: string, token: string][] = [
    ["alg none", unsigned(mine, "none")],
    ["alg NONE", unsigned(mine, "NONE")],
    ["alg RS256", unsigned(mine, "RS256")],
    ["somebody else's name", renamed(mine, sub)],
    ["no signature", mine.slice(0, mine.lastIndexOf(".") + 1)],
    ["another platform's", await forgedToken(world, { sub, secret })],
    ["from tomorrow", await forgedToken(world, { sub, agoMs: -aDay })],
    ["of a console handshake", await forgedToken(world, { sub: "admin", use: "ops-live" })],
    ["of a console's second step", await forgedToken(world, { sub: "admin", use: "ops-mfa" })],
    ["garbage", "x.y.z"],
    ["4,000 dots", ".".repeat(4_000)],
  ];
  const old = await forgedToken(world, { sub, agoMs: aDay });
  const rows: Attack[] = bearers.map(([name, token]) => ({
    ...wallet,
    name: `token: ${name}`,
    headers: { Authorization: `Bearer ${token}` },
  }));
  return [
    ...rows,
    { ...wallet, name: "nobody" },
    { ...wallet, name: "Basic", headers: { Authorization: `Basic ${btoa("admin:admin")}` } },
    { ...wallet, name: "token in the address", path: `/v1/orders?token=${mine}` },
    { ...wallet, name: "cookie of nobody", headers: { Cookie: "cw_ops=." } },
    { ...wallet, name: "forged cookie", headers: { Cookie: "cw_ops=abc.def" } },
    {
      ...wallet,
      name: "expired",
      headers: { Authorization: `Bearer ${old}` },
      code: "auth.expired",
    },
    ...["....................", `.1.${"a".repeat(40)}`, `${"*>".repeat(20)}.1.a`].map((
      refresh,
    ) => ({
      name: `refresh of ${refresh.slice(0, 6)}`,
      method: "POST",
      path: "/v1/auth/refresh",
      body: { refresh },
      status: 401,
      code: "auth.expired",
    })),
  ];
}

const estop = (pileId: string) => ({ pileId, reason: "attack" });

/** Who is signed in, but not for this; the console without its CSRF token. */
export function roles({ of, victim, owned, made }: Ground): Attack[] {
  const no = (who: Role | "driver", method: string, path: string, body?: unknown): Attack => ({
    name: `${who}: ${method} ${path.replace(/ord_\w+/, "ord")}`,
    method,
    path,
    headers: who === "driver" ? of(victim) : of(who),
    ...(body === undefined ? {} : { body }),
    status: 403,
    code: "auth.forbidden",
  });
  const review = `/v1/ops/orders/${owned.paidOrderId}/review`;
  const force = `/v1/ops/orders/${owned.orderId}/force-stop`;
  const commands = `/v1/ops/piles/${made.id}/commands`;
  const { Cookie = "", "X-CSRF": csrf = "" } = of("admin");
  const stolen = (name: string, headers: Headers1): Attack => ({
    ...no("admin", "POST", "/v1/ops/estop", estop(made.id)),
    name: `console ${name}`,
    headers: { Cookie, ...headers },
    code: "auth.csrf",
  });
  return [
    ...(["viewer", "service", "finance"] as const).flatMap((who) => [
      no(who, "POST", "/v1/ops/stations", {}),
      no(who, "POST", "/v1/ops/piles", {}),
      no(who, "POST", commands, {}),
      no(who, "GET", `/v1/ops/actors/order/${owned.orderId}`),
      no(who, "POST", `/v1/ops/parked/order/${owned.orderId}/retry`, { reason: "x" }),
    ]),
    ...(["viewer", "finance"] as const).map((who) => no(who, "POST", force, { reason: "x" })),
    ...(["viewer", "service", "operator"] as const).map((who) => no(who, "POST", review, {})),
    ...(["viewer", "operator"] as const).map((who) =>
      no(who, "GET", `/v1/payments/${owned.paymentId}`)
    ),
    no("admin", "GET", "/v1/wallet"),
    no("admin", "POST", "/v1/wallet/recharges", { fen: 100, by: "wechat" }),
    no("driver", "GET", "/v1/ops/wall"),
    no("driver", "GET", "/v1/ops/nodes"),
    no("driver", "GET", "/v1/ops/parked"),
    no("driver", "POST", "/v1/ops/estop", estop(made.id)),
    no("driver", "GET", "/v1/ops/auth/session"),
    stolen("without CSRF", {}),
    stolen("with a wrong CSRF", { "X-CSRF": `${csrf.slice(1)}x` }),
    stolen("with an empty CSRF", { "X-CSRF": "" }),
  ];
}

/** An operator of another station: these things are not there for them. */
export function stations({ of, owned, made, place }: Ground): Attack[] {
  const no = (code: string, method: string, path: string, body?: unknown): Attack => ({
    name: `other station's: ${method} ${path.replace(/(ord|stn)_\w+/, "$1")}`,
    method,
    path,
    headers: of("scoped"),
    ...(body === undefined ? {} : { body }),
    status: 404,
    code,
  });
  const [pile, order] = ["pile.unknown", "order.unknown"];
  const reason = "attack";
  const { orderId } = owned;
  return [
    no(pile, "POST", `/v1/ops/piles/${made.id}/commands`, {
      kind: "disable",
      reason,
      confirm: true,
    }),
    no(pile, "POST", `/v1/ops/piles/${made.id}/secret`, {}),
    no(pile, "GET", `/v1/ops/piles/${made.id}/timeline`),
    no(pile, "POST", "/v1/ops/estop", estop(made.id)),
    no("station.unknown", "POST", "/v1/ops/estop", { stationId: place.stationId, reason }),
    no("station.unknown", "GET", `/v1/ops/piles?stationId=${place.stationId}`),
    no(order, "GET", `/v1/orders/${orderId}`),
    no(order, "GET", `/v1/orders/${owned.paidOrderId}/bill`),
    no(order, "POST", `/v1/orders/${orderId}/stop`, {}),
    no(order, "POST", `/v1/ops/orders/${orderId}/force-stop`, { reason }),
    {
      ...no("auth.forbidden", "POST", "/v1/ops/stations", {}),
      headers: { ...of("scoped"), "Idempotency-Key": newKey() },
      status: 400,
      code: "request.malformed",
    },
  ];
}
