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

/** People ask node-2: the pile's actor lives on the other one. */
async function pileOnOtherNode(n: number, lane: "native" | "ocpp1.6") {
  for (let i = 0;; i++) {
    const made = await place.addPile(`SEEN-${n}-${i}`, lane);
    const { node } = await place.ops.api.get<{ node: string }>(`/v1/ops/actors/pile/${made.id}`);
    if (node === "node-1") return made;
  }
}

/** Charges at a fresh pile until its screen knows; the trace as the driver's app named it. */
async function charge(n: number, lane: "native" | "ocpp1.6", flags: string) {
  const made = await pileOnOtherNode(n, lane);
  piles.push(await connectPile(world, servers[0]!.url, made, lane, { startMs: 1_500 }));
  const driver = await richDriver(servers[1]!.url, n);
  const why = async () => (await driver.quote(made.id)).why ?? null;
  await expect.poll(why, { timeout: 15_000 }).toBeNull(); // a pile that booted is online a moment later
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

/** Each node sends its own spans when it likes: looked at until all these ways are whole. */
async function draws(traceId: string, ...ways: string[][]): Promise<SeenSpan[]> {
  const all = () => collector.of(traceId);
  const found = () => all().map((span) => wayTo(all(), span).join(" > "));
  const wanted = ways.map((way) => way.join(" > "));
  await expect.poll(found, { timeout: 15_000 }).toEqual(expect.arrayContaining(wanted));
  return all();
}

const HELD = ["POST /v1/orders", "turn order.StartCharge", BOTH];
const STARTED = [
  ...HELD,
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
  const spans = await draws(
    traceId,
    [...HELD, "tell PlaceHold", "turn wallet.PlaceHold"],
    [...STARTED, "pile start"],
    [...STARTED, "fact charging", ...SHOWN],
  );
  live.close();
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
  await draws(traceId, [...STARTED, "fact ReportStarted", ...SHOWN]);
  live.close();
});

test("who asks not to be drawn is not, and is told their trace all the same", async () => {
  const { traceId, live } = await charge(3, "native", "00");
  live.close();
  for (const [n, { url }] of servers.entries()) {
    const later = `${n}`.padStart(32, "c");
    const headers = { traceparent: `00-${later}-${"d".repeat(16)}-01` };
    const answer = await fetch(`${url}/v1/stations`, { headers });
    expect(answer.headers.get("x-trace-id")).toBe(later);
    await answer.body?.cancel();
    await draws(later, ["GET /v1/stations"]); // what this node drew before is here as well
  }
  expect(collector.of(traceId)).toEqual([]);
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
