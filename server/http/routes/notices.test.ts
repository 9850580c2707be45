// A driver's notices and requests for help over HTTP, with actors that are a table of answers.
import { expect, test } from "vitest";
import { httpWorld, ulidAt } from "../../../test/kit/http-world.ts";

const item = (id: string) => (
  { id, code: "charge.fault", facts: {}, at: "2026-03-02T04:00:00.000Z", read: false }
);
const DAY_MS = 86_400_000;
const keys = { p256dh: "B".repeat(87), auth: "a".repeat(22) };
const pushTo = (endpoint: string) => ({ endpoint, keys });

async function signedIn() {
  const world = await httpWorld();
  const driver = await world.driver();
  const mutate = (method: string, path: string, body: unknown = {}, headers = driver.headers) =>
    world.call(method, path, { body, headers: { ...headers, "idempotency-key": world.key() } });
  return { ...world, person: world.driver, driver, mutate };
}

test("the newest notices come from the inbox, older ones from the archive, none twice", async () => {
  const { client, call, driver, deps } = await signedIn();
  const view = { v: 3, items: [item("n2"), item("n1")], unread: 2, devices: [], older: true };
  client.onRead("inbox.show", () => ({ body: view, v: 3 }));
  deps.views.notices = (_tenant, _userId, { cursor }) =>
    Promise.resolve({ items: [item("n1"), item("n0")], next: cursor ? null : "c1" });
  const page = async (query = "") =>
    (await call("GET", `/v1/me/notices${query}`, { headers: driver.headers })).json();
  expect(await page()).toMatchObject({ items: view.items, unread: 2, next: "older", lagMs: 0 });
  expect(await page("?cursor=older")).toMatchObject({ items: [{ id: "n0" }], next: "c1" });
  expect(await page("?cursor=c1")).toMatchObject({ items: [{ id: "n0" }], next: null });
});

test("a browser is pushed to for whoever signed in there last; foreign addresses are refused", async () => {
  const { client, mutate, driver: anna, identity, person } = await signedIn();
  client.onAsk("inbox.PutDevice", () => ({})).onAsk("inbox.RemoveDevice", () => ({}));
  const put = await mutate("PUT", "/v1/me/push", pushTo("https://push.test/secret-1"));
  const { deviceId } = await put.json();
  expect(deviceId).toMatch(/^dev_/);
  expect((await identity.reach.of("main", anna.userId))?.devices[deviceId]).toEqual(
    pushTo("https://push.test/secret-1"),
  );
  const ben = await person("13800000002");
  await mutate("PUT", "/v1/me/push", pushTo("https://push.test/secret-1"), ben.headers);
  expect((await identity.reach.of("main", anna.userId))?.devices).toEqual({});
  expect(client.asks.filter(({ type }) => type === "RemoveDevice")).toMatchObject([
    { to: { id: anna.userId }, body: { deviceId } },
  ]);
  const foreign = await mutate("PUT", "/v1/me/push", pushTo("https://169.254.169.254/x"));
  expect([foreign.status, (await foreign.json()).code]).toEqual([422, "push.foreign"]);
  expect((await mutate("DELETE", `/v1/me/push/${deviceId}`, {}, ben.headers)).status).toBe(204);
  expect((await identity.reach.of("main", ben.userId))?.devices).toEqual({});
});

test("a key of another day, or of another browser, is refused before anything is kept", async () => {
  const { call, client, driver, identity, key, clock } = await signedIn();
  client.onAsk("inbox.PutDevice", () => ({}));
  const put = async (endpoint: string, key: string) => {
    const headers = { ...driver.headers, "idempotency-key": key };
    const answer = await call("PUT", "/v1/me/push", { body: pushTo(endpoint), headers });
    return (await answer.json()).code ?? answer.status;
  };
  const kept = async () => {
    const { devices } = (await identity.reach.of("main", driver.userId))!;
    return Object.values(devices).map(({ endpoint }) => endpoint);
  };
  const old = ulidAt(clock.now() - 2 * DAY_MS);
  expect(await put("https://push.test/old", old)).toBe("key.clock");
  expect(await kept()).toEqual([]);
  const one = key();
  expect(await put("https://push.test/a", one)).toBe(200);
  expect(await put("https://push.test/a", one)).toBe(200);
  expect(await put("https://push.test/b", one)).toBe("key.reused");
  expect(await kept()).toEqual(["https://push.test/a"]);
});

test("language at once; a mail address only when its code came back", async () => {
  const { mutate, call, driver, sent } = await signedIn();
  const reach = async () => (await call("GET", "/v1/me/reach", { headers: driver.headers })).json();
  expect(await reach()).toEqual({ language: "zh", mail: null });
  const mail = "anna@example.org";
  await mutate("PUT", "/v1/me/reach", { language: "en", mail });
  expect(await reach()).toEqual({ language: "en", mail: null });
  const { phone: to, code } = sent.at(-1)!;
  expect(to).toBe(mail);
  const wrong = await mutate("POST", "/v1/me/reach/mail", {
    mail,
    code: code === "000000" ? "1".repeat(6) : "000000",
  });
  expect((await wrong.json()).code).toBe("auth.code-wrong");
  await mutate("POST", "/v1/me/reach/mail", { mail, code });
  expect(await reach()).toEqual({ language: "en", mail });
  await mutate("PUT", "/v1/me/reach", { mail: null });
  expect(await reach()).toEqual({ language: "en", mail: null });
});

test("help has the order attached; somebody else's order is unknown; one order, one ticket", async () => {
  const { client, mutate, driver } = await signedIn();
  const orderId = "ord_01kcharge0aaaabbbbccccdddd";
  const order = { id: orderId, userId: driver.userId, pileId: "P100", stationId: "stn_east1" };
  client.onRead(
    "order.show",
    ({ to }) => ({ body: to.id === orderId ? order : { ...order, userId: "usr_other001" } }),
  );
  client.onAsk("ticket.AskHelp", () => ({ body: {}, v: 1 }));
  const first = await (await mutate("POST", "/v1/help", { orderId, text: "停不下来" })).json();
  const again = await (await mutate("POST", "/v1/help", { orderId })).json();
  expect(again.ticketId).toBe(first.ticketId);
  expect(client.asks.at(-2)).toMatchObject({
    to: { kind: "ticket", id: first.ticketId },
    type: "AskHelp",
    body: { orderId, pileId: "P100", stationId: "stn_east1", text: "停不下来" },
  });
  const other = await mutate("POST", "/v1/help", { orderId: "ord_01kotherone0aaabbbbccccddd" });
  expect([other.status, (await other.json()).code]).toEqual([404, "order.unknown"]);
  const bare = await (await mutate("POST", "/v1/help", {})).json();
  expect(bare.ticketId).not.toBe(first.ticketId);
});
