// Photos and patrol tasks over HTTP: only a sender's own photo counts, and only a picture is kept.
import { expect, test } from "vitest";
import { pictureOf } from "../../photos/mod.ts";
import { createLimits, defaultRates } from "../limits.ts";
import { httpWorld } from "../../../test/kit/http-world.ts";
import { METADATA, pngPhoto } from "../../../sim/photo.ts";

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");

test("a photo is sent, kept without its metadata, and named only by who sent it", async () => {
  const world = await httpWorld();
  const ops = await world.console("operator");
  const post = async (path: string, body: unknown, headers: Record<string, string>) => {
    const key = { "Idempotency-Key": world.key() };
    const answer = await world.call("POST", path, { body, headers: { ...headers, ...key } });
    const text = await answer.text();
    return { status: answer.status, body: text === "" ? null : JSON.parse(text) };
  };
  const sent = await post("/v1/ops/uploads", { data: base64(pngPhoto(4, 3)) }, ops);
  expect(sent).toMatchObject({ status: 201, body: { mime: "image/png", widthPx: 4, heightPx: 3 } });
  const shown = await world.call("GET", `/v1/ops/photos/${sent.body.photoId}`, { headers: ops });
  const { data } = await shown.json();
  expect(Buffer.from(data, "base64").includes(METADATA)).toBe(false);
  const none = await world.call("GET", "/v1/ops/photos/pho_never01", { headers: ops });
  expect(await none.json()).toMatchObject({ code: "photo.unknown" });
  expect(await post("/v1/ops/uploads", { data: base64(Buffer.from("text")) }, ops))
    .toMatchObject({ status: 422, body: { code: "photo.type" } });

  const done = (photoId: string) => ({ note: "x", found: "nothing", photoId });
  const asked: unknown[] = [];
  world.client.onAsk("patrol.FinishPatrol", ({ body }) => {
    asked.push(body);
    return { body: null, v: 2 };
  });
  const path = "/v1/ops/patrols/ptl_0001/done";
  expect((await post(path, done(sent.body.photoId), ops)).status).toBe(204);
  expect(asked).toMatchObject([{ photo: sent.body }]);
  const driver = await world.driver();
  const theirs = await post("/v1/uploads", { data: base64(pngPhoto()) }, driver.headers);
  expect(await post(path, done(theirs.body.photoId), ops))
    .toMatchObject({ status: 404, body: { code: "photo.unknown" } });
  expect(asked).toHaveLength(1);
  // the same holds of the picture of a reservation's appeal
  world.client.onAsk("reservation.AppealReservation", ({ body }) => {
    asked.push(body);
    return { body: { ticketId: "tkt_0001", refundFen: 2000 }, v: 2 };
  });
  const appeal = (photoId: string) =>
    post("/v1/reservations/rsv_0001/appeal", { text: "x", photoId }, driver.headers);
  expect((await appeal(theirs.body.photoId)).status).toBe(201);
  expect(await appeal(sent.body.photoId))
    .toMatchObject({ status: 404, body: { code: "photo.unknown" } });
  expect(asked).toHaveLength(2);
});

test("a photo of another tenant is none, and nobody sends more than a day's share", async () => {
  const rates = { ...defaultRates, uploads: { points: 2, seconds: 86_400 } };
  const world = await httpWorld({ rates });
  const [anna, boris] = [await world.driver(), await world.driver("13800000002")];
  const post = async (path: string, body: unknown, who = anna, key = world.key()) => {
    const headers = { ...who.headers, "Idempotency-Key": key };
    const answer = await world.call("POST", path, { body, headers });
    return { status: answer.status, body: await answer.json() };
  };
  const picture = pictureOf(pngPhoto());
  if (typeof picture === "string") throw new TypeError(`no picture: ${picture}`);
  await world.deps.photos.put("other", "pho_others1", `driver:${anna.userId}`, picture);
  expect(await post("/v1/reservations/rsv_0001/appeal", { text: "x", photoId: "pho_others1" }))
    .toMatchObject({ status: 404, body: { code: "photo.unknown" } });

  const data = base64(pngPhoto());
  const key = world.key();
  const first = await post("/v1/uploads", { data }, anna, key);
  expect(first.status).toBe(201);
  expect(await post("/v1/uploads", { data }, anna, key)).toEqual(first); // a repeat counts once
  expect((await post("/v1/uploads", { data })).status).toBe(201);
  const refused = await post("/v1/uploads", { data });
  expect(refused).toMatchObject({
    status: 429,
    body: { code: "request.rate-limited", facts: { limit: "uploads" } },
  });
  expect(refused.body.afterMs).toBeGreaterThan(0);
  expect((await post("/v1/uploads", { data }, boris)).status).toBe(201);
});

test("of 10,000 uploads of one account a day's share is taken", async () => {
  const limits = createLimits(defaultRates);
  const all = await Promise.all(
    Array.from({ length: 10_000 }, () => limits.take("uploads", "main/driver:usr_anna0001")),
  );
  expect(all.filter((refused) => refused === null)).toHaveLength(30);
});
