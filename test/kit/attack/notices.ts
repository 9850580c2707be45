// Attacks on notices and help: other people's tickets and orders, other stations', roles, and addresses
// that a push must never be sent to.
import type { Good } from "./goods.ts";
import type { Attack, Ground, Headers1 } from "./ground.ts";

const keys = { p256dh: `B${"A".repeat(86)}`, auth: "A".repeat(22) };

/** Their mutation routes with a body that would be taken. */
export function noticeGoods(stationId: string): Good[] {
  const driver = { who: "driver" as const, method: "POST" as const };
  const admin = { who: "admin" as const, method: "POST" as const, key: "needed" as const };
  const mail = "bad@example.org";
  return [
    { ...driver, path: "/v1/me/notices/read", body: { ids: ["n1"] }, key: "needed" },
    {
      ...driver,
      method: "PUT",
      path: "/v1/me/push",
      body: { endpoint: "https://fcm.googleapis.com/fcm/send/x", keys },
      key: "needed",
    },
    {
      ...driver,
      method: "DELETE",
      path: "/v1/me/push/dev_0123456789abcdef",
      body: {},
      key: "needed",
    },
    { ...driver, method: "PUT", path: "/v1/me/reach", body: { language: "zh", mail } },
    { ...driver, path: "/v1/me/reach/mail", body: { mail, code: "123456" } },
    { ...admin, path: "/v1/ops/tickets/tkt_0001/take", body: {} },
    { ...admin, path: "/v1/ops/tickets/tkt_0001/close", body: { note: "x" } },
    {
      ...admin,
      method: "PUT",
      path: `/v1/ops/stations/${stationId}/phone`,
      body: { phone: "021-5550" },
    },
  ];
}

const from = (headers: Headers1, status: number, code: string) =>
(
  name: string,
  method: string,
  path: string,
  body?: unknown,
): Attack => ({
  name,
  method,
  path,
  headers,
  ...(body === undefined ? {} : { body }),
  status,
  code,
});

/** What belongs to another driver, or to another station, is as unknown as what never was. */
export function othersNotices({ of, stranger, owned, place }: Ground): Attack[] {
  const { orderId, ticketId } = owned;
  const ticket = from(of(stranger), 404, "ticket.unknown");
  const order = from(of(stranger), 404, "order.unknown");
  const scoped = from(of("scoped"), 404, "ticket.unknown");
  const site = from(of("scoped"), 404, "station.unknown");
  const { stationId } = place;
  return [
    ticket("another driver's ticket", "GET", `/v1/help/${ticketId}`),
    ticket("a ticket that never was", "GET", "/v1/help/tkt_neverwas"),
    order("help about another driver's order", "POST", "/v1/help", { orderId }),
    order("help about no order", "POST", "/v1/help", { orderId: "ord_neverwas" }),
    from(of(stranger), 404, "pile.unknown")("help at no pile", "POST", "/v1/help", {
      pileId: "NO-SUCH",
    }),
    scoped("another station's ticket taken", "POST", `/v1/ops/tickets/${ticketId}/take`, {}),
    scoped("another station's ticket closed", "POST", `/v1/ops/tickets/${ticketId}/close`, {
      note: "x",
    }),
    site("another station's number", "PUT", `/v1/ops/stations/${stationId}/phone`, {
      phone: "110-0000",
    }),
    site("another station's stickers", "GET", `/v1/ops/stations/${stationId}/stickers`),
    from(of("admin"), 404, "ticket.unknown")(
      "no ticket taken",
      "POST",
      "/v1/ops/tickets/tkt_neverwas/take",
      {},
    ),
  ];
}

/** Who is signed in, but not for this. */
export function noticeRoles({ of, victim, owned, place }: Ground): Attack[] {
  const ticket = `/v1/ops/tickets/${owned.ticketId}`;
  const phone = `/v1/ops/stations/${place.stationId}/phone`;
  const no = (headers: Headers1) => from(headers, 403, "auth.forbidden");
  return [
    ...(["viewer", "finance"] as const).flatMap((role) => [
      no(of(role))(`${role} takes a ticket`, "POST", `${ticket}/take`, {}),
      no(of(role))(`${role} closes a ticket`, "POST", `${ticket}/close`, { note: "x" }),
    ]),
    ...(["viewer", "service", "finance"] as const).map((role) =>
      no(of(role))(`${role} changes the number`, "PUT", phone, { phone: "110-0000" })
    ),
    no(of(victim))("a driver reads the tickets", "GET", "/v1/ops/tickets"),
    no(of(victim))("a driver closes a ticket", "POST", `${ticket}/close`, { note: "x" }),
    ...["/v1/me/notices", "/v1/me/push", "/v1/me/reach", "/v1/help"].map((path) =>
      no(of("admin"))(`the console reads ${path}`, "GET", path)
    ),
    no(of("admin"))("the console asks for help", "POST", "/v1/help", {}),
    from({}, 401, "auth.required")("nobody reads notices", "GET", "/v1/me/notices"),
  ];
}

/** A browser's address is a stranger's: nothing inside is ever called for it. */
export function pushAddresses({ of, stranger, server }: Ground): Attack[] {
  const inside = [
    `${server.url}/v1/ops/estop`,
    "http://127.0.0.1:4222/",
    "https://169.254.169.254/latest/meta-data",
    "https://[::1]/",
    "https://localhost/",
    "https://push.apple.com@evil.example/",
    "https://fcm.googleapis.com.evil.example/",
    "https://fcm.googleapis.com:22/",
    "file:///etc/passwd",
    "javascript:alert(1)",
  ];
  const foreign = from(of(stranger), 422, "push.foreign");
  return inside.map((endpoint) =>
    foreign(`a push to ${endpoint}`, "PUT", "/v1/me/push", { endpoint, keys })
  );
}
