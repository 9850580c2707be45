// Role `gateway`, the piles' side: OCPP and the native lane, and what becomes of the links of a
// gateway that died.
import { createOcpp, type Ocpp } from "../ocpp/mod.ts";
import type { Client, TeleWriter } from "../ports.ts";
import { gatewaysWithLinks, sweepDeadGateways } from "../link-book.ts";
import { linkSubject } from "../../wire/subjects.ts";
import { connectNats, type NatsConnection, teleStream, teleWriter } from "../store/mod.ts";
import { createTelemetry, type Telemetry } from "../telemetry/mod.ts";
import { type Base, seedOf } from "./base.ts";

export interface PileGateways {
  ocpp: Ocpp;
  telemetry: Telemetry | null;
  stop(): Promise<void>;
}
const SWEEP_MS = 2_000; // a pile whose gateway died is told from a silent one within seconds

/** Nobody answering at its subject twice in a row: the gateway is gone. */
const SILENCES = 2;
const PROBE_MS = 1_000;

export async function openGateways(
  base: Base,
  client: Client,
): Promise<PileGateways> {
  const { config, clock, log, metrics, tracer, nats, random } = base;
  const node = config.CHARGEWARD_NODE;
  const [ocppId, nativeId] = [`${node}-ocpp`, `${node}-native`];
  const store = teleStream(nats, clock, random);
  const shared = { client, directory: base.directory, bus: base.bus, log, metrics, tracer, clock };
  const teleOf = (gatewayId: string): TeleWriter =>
    teleWriter({ gatewayId, store, clock, metrics });
  const ocpp = createOcpp({
    ...shared,
    tele: teleOf(ocppId),
    gatewayId: ocppId,
    tenant: config.CHARGEWARD_TENANT,
  });
  const connections = await deviceConnections(base);
  const telemetry = connections === null ? null : createTelemetry({
    ...shared,
    ...connections,
    tele: teleOf(nativeId),
    gatewayId: nativeId,
    issuerSeed: config.NATS_ISSUER_SEED,
    platformKey: config.CHARGEWARD_PLATFORM_KEY,
  });
  if (telemetry === null) log.warn({}, "native lane is off: no key for the account DEVICES");
  const sweeping = sweep(base, client, telemetry, [ocppId, nativeId]);
  return {
    ocpp,
    telemetry,
    async stop() {
      sweeping.stop();
      await Promise.all([ocpp.stop(), telemetry?.stop()]);
      await connections?.devicesConnection.close();
      await connections?.calloutConnection?.close();
    },
  };
}

async function deviceConnections({ config }: Base): Promise<
  { devicesConnection: NatsConnection; calloutConnection?: NatsConnection } | null
> {
  const seed = seedOf(config.NATS_DEVICES_NKEY);
  if (seed === undefined) return null;
  const open = (name: string, key: Uint8Array) =>
    connectNats({ url: config.NATS_URL, name: `${name} ${config.CHARGEWARD_NODE}`, seed: key });
  const callout = seedOf(config.NATS_CALLOUT_NKEY);
  const devicesConnection = await open("piles", seed);
  if (callout === undefined) return { devicesConnection };
  return { devicesConnection, calloutConnection: await open("callout", callout) };
}

/** Links that a dead gateway held are lost; its piles are asked to come to another. */
function sweep(
  { bus, clock, directory, log }: Base,
  client: Client,
  telemetry: Telemetry | null,
  own: readonly string[],
): { stop(): void } {
  const silences = new Map<string, number>();
  let timer: { cancel(): void } | null = null;
  let stopped = false;
  async function isAlive(gatewayId: string): Promise<boolean> {
    if (own.includes(gatewayId)) return true;
    const answer = await bus.request(linkSubject(gatewayId), {}, PROBE_MS); // refused, but answered
    const silent = answer === null ? (silences.get(gatewayId) ?? 0) + 1 : 0;
    silences.set(gatewayId, silent);
    return silent < SILENCES;
  }
  async function look(): Promise<void> {
    try {
      const ids = await gatewaysWithLinks(directory);
      const alive = await Promise.all(ids.map(isAlive));
      const living = [...own, ...ids.filter((_, i) => alive[i])];
      const lost = await sweepDeadGateways({ client, directory, clock, log }, living);
      telemetry?.invite(lost);
    } catch (error) {
      log.warn({ error: String(error) }, "links of dead gateways cannot be looked at");
    }
    again();
  }
  const again = () => {
    if (!stopped) timer = clock.after(SWEEP_MS, () => void look());
  };
  again();
  return {
    stop() {
      stopped = true;
      timer?.cancel();
    },
  };
}
