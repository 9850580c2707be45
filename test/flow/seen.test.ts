// What operators see of one real charge over two nodes: its whole way as one trace, the figures of the
// nodes, and every metric of the table.
import { afterAll, beforeAll, expect, test } from "vitest";
import { newKey, type Pile } from "../../sim/mod.ts";
import type { NodesSeen } from "../../wire/report.ts";
import { exported } from "../kit/metrics-page.ts";
import { type Collector, collectTraces, type SeenSpan, tracedEnv } from "../kit/otlp.ts";
import { connectPile, openPlace, type Place, richDriver } from "../kit/place.ts";
import type { Program } from "../kit/processes.ts";
import { startWorld, type World } from "../kit/world.ts";

const NODES = ["node-1", "node-2"];
let world: World;
let collector: Collector;
let servers: Program[];
let place: Place;
const piles: Pile[] = [];

beforeAll(async () => {
  collector = collectTraces();
  world = await startWorld({ sync: "100ms" });
  servers = [];
  for (const node of NODES) {
    servers.push(await world.startServer({ node, env: tracedEnv(collector.url, node) }));
  }
  place = await openPlace(servers[0]!.url, `${world.dir}/node-1`);
}, 120_000);

afterAll(async () => {
  await Promise.all(piles.map((pile) => pile.stop()));
  await world?.[Symbol.asyncDispose]();
  await collector?.stop();
}, 60_000);

/** Charges at a fresh pile until its screen knows; the trace as the driver's app named it. */
async function charge(n: number, lane: "native" | "ocpp1.6", flags: string) {
  const made = await place.addPile(`SEEN-${n}`, lane);
  piles.push(await connectPile(world, servers[0]!.url, made, lane, { startMs: 1_500 }));
  const driver = await richDriver(servers[1]!.url, n);
  const { tariffVersion } = await driver.quote(made.id);
  const traceId = `${n}`.padStart(32, "a");
  const pay = { by: "wallet", autoCapture: true };
  const { body } = await driver.api.ask<{ id: string }>("POST", "/v1/orders", {
    key: newKey(),
    body: { pileId: made.id, connector: 1, tariffVersion, pay, ageMs: 0 },
    headers: { traceparent: `00-${traceId}-${"b".repeat(16)}-${flags}` },
  });
  const live = driver.live({});
  await live.watch(`order:${body.id}`);
  await driver.until(body.id, ["charging"], 15_000);
  return { traceId, orderId: body.id, driver, live };
}

/** Pile and user are asked together: whoever answers last lets the order go on. */
const BOTH = "turn order.*Answered";
const nameOf = ({ name }: SeenSpan) => /^turn order\.(Keep|User)Answered$/.test(name) ? BOTH : name;

/** From the span up to the tap: the names, the tap first. */
function wayTo(spans: readonly SeenSpan[], span: SeenSpan): string[] {
  const above = spans.find(({ spanId }) => spanId === span.parentSpanId);
  return [...(above ? wayTo(spans, above) : []), nameOf(span)];
}

/** The spans of a trace once the last one is there. */
async function drawn(traceId: string, last: string): Promise<SeenSpan[]> {
  const all = () => collector.of(traceId);
  await expect.poll(() => all().map(({ name }) => name), { timeout: 15_000 }).toContain(last);
  return all();
}

const STARTED = [
  "POST /v1/orders",
  "turn order.StartCharge",
  BOTH,
  "turn order.HoldAnswered",
  "tell StartConnector",
  "turn pile.StartConnector",
  "call device",
  "gateway start",
];
const SHOWN = [
  "turn pile.ReportStarted",
  "tell ConnectorStarted",
  "turn order.ConnectorStarted",
  "socket order",
];

test("one trace from the tap over order, wallet, pile and gateway, and back to the socket", async () => {
  const { traceId, live } = await charge(1, "native", "01");
  const spans = await drawn(traceId, "socket order");
  live.close();
  const way = (name: string) => wayTo(spans, spans.find((span) => span.name === name)!);
  expect(way("socket order")).toEqual([...STARTED, "fact charging", ...SHOWN]);
  expect(way("pile start")).toEqual([...STARTED, "pile start"]);
  expect(way("turn wallet.PlaceHold")).toEqual([
    ...STARTED.slice(0, 3),
    "tell PlaceHold",
    "turn wallet.PlaceHold",
  ]);
  const one = (name: string) => spans.find((span) => span.name === name)!;
  expect(one("POST /v1/orders")).toMatchObject({
    kind: 2,
    parentSpanId: "b".repeat(16),
    facts: { "http.route": "/v1/orders", "http.response.status_code": "202" },
    service: "node-2",
  });
  expect(one("pile start").facts).toMatchObject({ outcome: "accepted" });
  expect(new Set(spans.map(({ service }) => service))).toEqual(new Set(NODES));
});

test("an OCPP pile's start transaction belongs to the tap that ordered it", async () => {
  const { traceId, live } = await charge(2, "ocpp1.6", "01");
  const spans = await drawn(traceId, "socket order");
  live.close();
  const last = spans.find(({ name }) => name === "turn order.ConnectorStarted")!;
  const way = wayTo(spans, last);
  expect(way.slice(0, STARTED.length)).toEqual(STARTED);
  expect(way.slice(STARTED.length)).toEqual([
    expect.stringMatching(/^fact Report/),
    expect.stringMatching(/^turn pile\.Report/),
    "tell ConnectorStarted",
    "turn order.ConnectorStarted",
  ]);
});

test("who asks not to be drawn is not, and is told their trace all the same", async () => {
  const before = collector.spans.length;
  const { traceId, live } = await charge(3, "native", "00");
  live.close();
  const answer = await fetch(`${servers[0]!.url}/v1/stations`, {
    headers: { traceparent: `00-${"c".repeat(32)}-${"d".repeat(16)}-01` },
  });
  expect(answer.headers.get("x-trace-id")).toBe("c".repeat(32));
  await answer.body?.cancel();
  await drawn("c".repeat(32), "GET /v1/stations"); // sent after all that came before it
  expect(collector.of(traceId)).toEqual([]);
  expect(collector.spans.length).toBeGreaterThan(before);
});

test("a scrape of each node finds every name of the table and no other", async () => {
  const scrape = async ({ url }: Program) => await (await fetch(`${url}/metrics`)).text();
  const texts = await Promise.all(servers.map(scrape));
  for (const text of texts) {
    const found = [...text.matchAll(/^# TYPE (\S+) (\w+)$/gm)].map((
      [, name, kind],
    ) => [name, kind]);
    expect(new Map(found as [string, string][])).toEqual(exported());
  }
  const sum = (name: string) =>
    texts.flatMap((text) => [...text.matchAll(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, "gm"))])
      .reduce((all, [, value]) => all + Number(value), 0);
  for (
    const name of [
      "ready",
      "actors_resident",
      "journal_append_ms_count",
      "projector_records",
      "http_ms_count",
      "live_facts",
      "native_links",
      "ocpp_links",
      "device_calls",
      "telemetry_readings",
      "provider_call_ms_count",
      "process_rss_bytes",
    ]
  ) expect([name, sum(`chargeward_${name}`) > 0]).toEqual([name, true]);
  expect(sum("chargeward_lanes_parked")).toBe(0);
});

test("both nodes are seen with what they hold, whichever is asked", async () => {
  const { nodes } = await place.ops.api.get<NodesSeen>("/v1/ops/nodes");
  expect(nodes.map(({ node }) => node)).toEqual(NODES);
  for (const { heardMs, report } of nodes) {
    expect(heardMs).toBeLessThan(2_000);
    expect(report).toMatchObject({ roles: ["all"], notReady: [], circuits: {} });
    expect(report!.archive).toMatchObject({ failures: 0, parkedActors: 0, conflicts: 0 });
    expect(report!.actors!.appends.count).toBeGreaterThan(0);
  }
  const shards = nodes.map(({ report }) => report!.actors!.shards);
  expect(shards[0]! + shards[1]!).toBe(256);
});
