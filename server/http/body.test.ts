import { expect, test } from "vitest";
import { httpWorld } from "../../test/kit/http-world.ts";

const issueOf = async (answer: Response) => {
  const { code, facts } = await answer.json();
  return [answer.status, code, facts.issues[0].path, facts.issues[0].problem];
};

test("what a form of another site can send is no JSON; a stop is taken all the same", async () => {
  const world = await httpWorld();
  const { headers } = await world.driver();
  const wrapped = { ...headers, "content-type": "text/plain" };
  const help = await world.call("POST", "/v1/help", {
    headers: { ...wrapped, "idempotency-key": world.key() },
    body: {},
  });
  const place = ["headers.content-type", "not application/json"];
  expect(await issueOf(help)).toEqual([400, "request.malformed", ...place]);
  const stop = await world.call("POST", "/v1/orders/ord_0001/stop", {
    headers: { ...wrapped, "idempotency-key": world.key() },
    body: {},
  });
  expect(stop.status).not.toBe(400);
});

test("bytes that are no UTF-8 are refused, not mended", async () => {
  const world = await httpWorld();
  const body = new Uint8Array([...new TextEncoder().encode('{"message":"'), 0xff, 0xfe, 34, 125]);
  const answer = await world.app.request("/v1/client-errors", {
    method: "POST",
    headers: { "content-type": "application/json; charset=utf-8" },
    body,
  });
  expect(await issueOf(answer)).toEqual([400, "request.malformed", "body", "not UTF-8"]);
});

test("names of every object's own are no codes, fields or query names", async () => {
  const world = await httpWorld();
  const text = '{"message":"x","__proto__":{"stack":"y"},"constructor":1}';
  const answer = await world.call("POST", "/v1/client-errors", { text });
  expect([answer.status, (await answer.json()).code]).toEqual([400, "request.malformed"]);
  const query = await world.call("GET", "/v1/stations?__proto__=1");
  expect(query.status).toBe(400);
  world.client.onRead("station.show", () => ({ refused: { code: "constructor" } }));
  const shown = await world.call("GET", "/v1/stations/stn_0001");
  expect([shown.status, (await shown.json()).code]).toEqual([503, "unavailable"]);
});
