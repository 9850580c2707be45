// `sim tick-load`: readings at a fixed rate over many links, whether or not answers come (open loop).
// OCPP: MeterValues, latency from the moment each was due to its answer, which means "stored".
// Native: ticks, which are not answered by design; the figure is what could be sent.
import { connect, type NatsConnection, nkeyAuthenticator } from "@nats-io/transport-node";
import { bootAnswer } from "../../wire/native.ts";
import { deviceInbox, deviceUp } from "../../wire/subjects.ts";
import { ocppUrl } from "../city/mod.ts";
import { realClock } from "../clock.ts";
import { SimFault } from "../fault.ts";
import { meterValue, OcppSocket } from "../pile/mod.ts";
import { FLEET_OPTIONS, laneOf } from "./fleet.ts";
import { type FleetKey, fleetKeys } from "./fleet-keys.ts";
import { type Env, type Options, readOptions, speaker } from "./options.ts";

/** One link that can send a reading; settles when it is answered (native: when it is sent). */
interface Feed {
  send(n: number): Promise<void>;
  close(): void;
}

const ANSWER_MS = 30_000;
const DRAIN_MS = 15_000;
const OPEN_AT_ONCE = 20;
const STEP_WH = 16; // 60 kW for a second

export async function runTickLoad(args: string[], env: Env): Promise<number> {
  const options = readOptions(args, FLEET_OPTIONS);
  const say = speaker(options.flag("json"));
  const lane = laneOf(options);
  const keys = await fleetKeys(options, lane, { count: options.number("piles"), say, env });
  const open = lane === "native" ? nativeFeed : ocppFeed;
  const feeds = await openAll(keys, (key) => open(key, options));
  say("linked", { piles: feeds.length });
  const seconds = options.number("seconds") || 30;
  const result = await feed(feeds, options.number("rate"), seconds * 1_000);
  say("result", { lane, piles: feeds.length, rate: options.number("rate"), seconds, ...result });
  for (const each of feeds) each.close();
  return result.failed === 0 ? 0 : 1;
}

async function openAll(
  keys: readonly FleetKey[],
  open: (key: FleetKey) => Promise<Feed>,
): Promise<Feed[]> {
  const feeds: Feed[] = [];
  for (let i = 0; i < keys.length; i += OPEN_AT_ONCE) {
    feeds.push(...await Promise.all(keys.slice(i, i + OPEN_AT_ONCE).map(open)));
  }
  return feeds;
}

/** Sends on the clock for so long, then waits for the last answers. */
async function feed(feeds: readonly Feed[], rate: number, ms: number) {
  const started = performance.now();
  const latencies: number[] = [];
  let [sent, failed] = [0, 0];
  await new Promise<void>((done) => {
    const timer = setInterval(() => {
      const age = Math.min(ms, performance.now() - started);
      for (const due = Math.floor(age * rate / 1_000); sent < due; sent++) {
        const dueAt = started + sent * 1_000 / rate;
        feeds[sent % feeds.length]!.send(Math.floor(sent / feeds.length)).then(
          () => latencies.push(performance.now() - dueAt),
          () => void failed++,
        );
      }
      if (age < ms) return;
      clearInterval(timer);
      done();
    }, 2);
  });
  const end = performance.now() + DRAIN_MS;
  while (latencies.length + failed < sent && performance.now() < end) {
    await new Promise((done) => setTimeout(done, 20));
  }
  latencies.sort((a, b) => a - b);
  const at = (share: number) => {
    const value = latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))];
    return value === undefined ? null : Math.round(value * 10) / 10;
  };
  const perSecond = Math.round(latencies.length / (ms / 1_000));
  return { sent, answered: latencies.length, failed, perSecond, p50Ms: at(0.5), p99Ms: at(0.99) };
}

async function ocppFeed({ id, secret }: FleetKey, options: Options): Promise<Feed> {
  const url = ocppUrl({ baseUrl: options.text("url"), tenant: options.text("tenant") });
  let socket!: OcppSocket;
  await new Promise<void>((done, fail) => {
    socket = new OcppSocket({ url, id, secret }, realClock, {
      opened: done,
      closed: (why) => fail(new SimFault(`'${id}': ${why}`, "later")),
      asked: () => Promise.resolve({ status: "Rejected" }),
    });
  });
  const boot = { chargePointVendor: "Chargeward", chargePointModel: "SIM load" };
  await socket.call("BootNotification", boot, ANSWER_MS);
  const base = Math.floor(Date.now() / 1_000);
  return {
    async send(n) {
      const reading = { at: Date.now(), registerWh: base + n * STEP_WH, powerW: 60_000 };
      const meter = [meterValue(reading, "Sample.Periodic")];
      await socket.call("MeterValues", { connectorId: 1, meterValue: meter }, ANSWER_MS);
    },
    close: () => socket.close(true),
  };
}

async function nativeFeed({ id, secret }: FleetKey, options: Options): Promise<Feed> {
  const tenant = options.text("tenant");
  const nats: NatsConnection = await connect({
    servers: [options.text("nats-url")],
    authenticator: nkeyAuthenticator(new TextEncoder().encode(secret)),
    inboxPrefix: deviceInbox(tenant, id),
    reconnect: false,
  });
  const boot = {
    proto: 1,
    bootId: `load-${Date.now().toString(36)}`,
    model: "SIM load",
    firmware: "1",
    connectors: 1,
    clock: Date.now(),
    lastSeq: 0,
    cmds: [],
  };
  const answer = await nats.request(deviceUp(tenant, id, "boot"), JSON.stringify(boot), {
    timeout: ANSWER_MS,
  });
  const { linkEpoch } = bootAnswer.parse(answer.json());
  const base = Math.floor(Date.now() / 1_000);
  const subject = deviceUp(tenant, id, "tick");
  return {
    send(n) {
      const registerWh = base + n * STEP_WH;
      const tick = { linkEpoch, n: n + 1, t: Date.now(), connector: 1, powerW: 60_000, registerWh };
      nats.publish(subject, JSON.stringify(tick));
      return Promise.resolve();
    },
    close: () => void nats.drain(),
  };
}
