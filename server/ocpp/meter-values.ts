// MeterValues: answered when stored, newest reading handed on as a signal. The busiest path of the
// gateway: no second look at a payload that its schema has passed, and actor and screens hear of one
// reading in a while, the newest: a pile that pours its queue out keeps neither of them busy.
import type { OCPP16 } from "typed-ocpp/dist/ocpp16/index.js";
import { type MeterSample, readMeter } from "../../wire/foreign/ocpp16/meter.ts";
import type { Reading } from "../ports.ts";
import {
  type Answer,
  type ConnectorSeen,
  type Desk,
  failed,
  type PileLink,
  result,
  seenAt,
} from "./ports.ts";

/** OCPP numbers the main meter 0; our connectors begin at 1. */
const MAIN_METER = 0;
const CONNECTOR_MAX = 64;
/** Screens take one a second, limits have 35 s of lead: more than this nobody looks at. */
const HAND_MS = 250;

export async function meterValues(
  desk: Desk,
  link: PileLink,
  payload: OCPP16.MeterValuesRequest,
): Promise<Answer> {
  const { connectorId: connector } = payload;
  const txId = Number.isSafeInteger(payload.transactionId) ? payload.transactionId : undefined;
  if (connector < MAIN_METER || connector > CONNECTOR_MAX) {
    complain(desk, link, connector, { raw: String(connector), flag: "out-of-range", t: 0 });
    return result({});
  }
  const readings: Reading[] = [];
  let newest: MeterSample | undefined;
  for (const entry of payload.meterValue) {
    const sample = readMeter(entry);
    if (sample.flag !== undefined) complain(desk, link, connector, sample);
    readings.push(readingOf(desk, link, connector, txId, sample));
    if (newest === undefined || sample.t >= newest.t) newest = sample;
  }
  if (readings.length === 0) return result({});
  try {
    await desk.tele.append(readings);
  } catch (cause) {
    desk.metrics.count("ocpp_readings_unstored", {}, readings.length);
    return failed(`readings are not stored: ${String(cause).slice(0, 80)}`);
  }
  if (newest !== undefined && connector !== MAIN_METER) hand(desk, link, connector, txId, newest);
  return result({});
}

function readingOf(
  desk: Desk,
  link: PileLink,
  connector: number,
  txId: number | undefined,
  sample: MeterSample,
): Reading {
  return {
    tenant: link.tenant,
    pileId: link.pileId,
    connector,
    ...(txId === undefined ? undefined : { txId }),
    ...sample,
    at: desk.clock.now(),
    linkEpoch: link.linkEpoch,
  };
}

function hand(
  desk: Desk,
  link: PileLink,
  connector: number,
  txId: number | undefined,
  sample: MeterSample,
): void {
  const seen = seenAt(link, connector);
  if (txId !== undefined && txId > 0) seen.txId = txId;
  if (sample.registerWh !== undefined) seen.registerWh = sample.registerWh;
  const tooSoonMs = HAND_MS - (desk.clock.tick() - (seen.handedAt ?? -Infinity));
  const { held } = seen;
  if (held === undefined && tooSoonMs <= 0) return signal(desk, link, connector, seen, sample);
  if (held === undefined || sample.t >= held.t) seen.held = sample;
  if (held !== undefined) return; // its turn comes, with the newest there is then
  desk.clock.after(tooSoonMs, () => {
    const newest = seen.held;
    seen.held = undefined;
    if (newest !== undefined) signal(desk, link, connector, seen, newest);
  });
}

function signal(
  { client, clock }: Desk,
  link: PileLink,
  connector: number,
  seen: ConnectorSeen,
  sample: MeterSample,
): void {
  const { flag: _, raw: __, ...numbers } = sample;
  seen.handedAt = clock.tick();
  client.signal({ tenant: link.tenant, kind: "pile", id: link.pileId }, {
    linkEpoch: link.linkEpoch,
    n: link.nextTick(),
    connector,
    ...numbers,
  });
}

/** One line a charge: the reading itself is stored with its flag, and is never refused. */
function complain(desk: Desk, link: PileLink, connector: number, sample: MeterSample): void {
  desk.metrics.count("ocpp_readings_flagged", { flag: sample.flag ?? "" });
  const txId = link.seen.get(connector)?.txId ?? 0;
  if (!link.firstComplaint(`meter/${connector}/${txId}`)) return;
  const { pileId, tenant } = link;
  const { flag, raw } = sample;
  desk.log.warn({ tenant, pileId, connector, txId, flag, raw }, "reading cannot be taken as it is");
}
