// Authorize, StartTransaction, StopTransaction: who may charge, and the two facts of a charge that are
// answered only once they are recorded.
import type { OCPP16 } from "typed-ocpp/dist/ocpp16/index.js";
import { readMeter } from "../../wire/foreign/ocpp16/meter.ts";
import { momentOf } from "../../wire/foreign/ocpp16/moments.ts";
import type { Reading } from "../ports.ts";
import {
  type Answer,
  type Desk,
  failed,
  type IdTag,
  type PileLink,
  result,
  seenAt,
} from "./ports.ts";
import { refusedFact, statusesTaken } from "./status.ts";
import { DEFAULT_REASON, isOrderTag, reasons, type TagStatus, tagStatusOf } from "./words.ts";

const CONNECTOR_MIN = 1;
const CONNECTOR_MAX = 64;
/** Answered where no transaction was made: the pile's stop under it is taken all the same. */
const NO_TRANSACTION = 0;
const WH_MAX = 1_000_000_000_000; // as `wh`
/** As many as ReportEnded takes; every further one is in the readings store. */
const READINGS_MAX = 500;

const tag = (status: TagStatus) => ({ idTagInfo: { status } });

export async function authorize(
  desk: Desk,
  link: PileLink,
  payload: OCPP16.AuthorizeRequest,
): Promise<Answer> {
  if (isOrderTag(payload.idTag)) return result(tag("Accepted"));
  const card = await desk.card(link.tenant, payload.idTag);
  if (card === undefined) return failed("cards cannot be looked up now");
  if (card === null) return result(tag("Invalid"));
  return result(tag(card.blocked === true ? "Blocked" : "Accepted"));
}

export async function startTransaction(
  desk: Desk,
  link: PileLink,
  payload: OCPP16.StartTransactionRequest,
): Promise<Answer> {
  const { connectorId: connector, idTag } = payload;
  if (connector < CONNECTOR_MIN || connector > CONNECTOR_MAX) {
    return result({ transactionId: NO_TRANSACTION, ...tag("Invalid") });
  }
  const card = isOrderTag(idTag) ? undefined : await desk.card(link.tenant, idTag);
  if (card === undefined && !isOrderTag(idTag)) return { is: "keep", why: "cards unavailable" };
  const told = await link.record("ReportStarted", {
    connector,
    deviceAt: momentOf(payload.timestamp).at,
    registerWh: registerOf(desk, link, payload.meterStart),
    idTag,
    ...cardOf(card),
  });
  if (told === null) return { is: "keep", why: "start could not be recorded" };
  if (!told.ok) {
    refusedFact(desk, link, "ReportStarted", told);
    if (told.refusal.code === "pile.link-stale") return { is: "keep", why: "a newer link is open" };
    return result({ transactionId: NO_TRANSACTION, ...tag(tagStatusOf(told.refusal.code)) });
  }
  const body = told.body as { txId: number; accepted: boolean; why?: string };
  seenAt(link, connector).txId = body.txId;
  const status = body.accepted ? "Accepted" : tagStatusOf(body.why ?? "");
  return result({ transactionId: body.txId, ...tag(status) });
}

const cardOf = (card: IdTag | null | undefined) => {
  if (card === undefined) return {};
  if (card === null) return { cardUserId: null };
  return { cardUserId: card.userId, ...(card.blocked === true ? { cardBlocked: true } : {}) };
};

export async function stopTransaction(
  desk: Desk,
  link: PileLink,
  payload: OCPP16.StopTransactionRequest,
): Promise<Answer> {
  const { idTag } = payload;
  const txId = txIdOf(payload.transactionId);
  const raw = payload.reason ?? DEFAULT_REASON;
  const { reason, by } = reasons[raw];
  await statusesTaken(link);
  const readings = await storeReadings(desk, link, payload);
  if (readings === null) return { is: "keep", why: "readings could not be stored" };
  const told = await link.record("ReportEnded", {
    ...(txId === undefined ? {} : { txId }),
    ...(idTag === undefined || idTag === "" ? {} : { idTag }),
    deviceAt: momentOf(payload.timestamp).at,
    registerWh: registerOf(desk, link, payload.meterStop),
    reason,
    cause: { code: raw, by },
    ...(readings.length === 0 ? {} : { readings }),
  });
  if (told === null) return { is: "keep", why: "end could not be recorded" };
  if (!told.ok) {
    refusedFact(desk, link, "ReportEnded", told);
    if (told.refusal.code === "pile.link-stale") return { is: "keep", why: "a newer link is open" };
  }
  if (txId !== undefined) forget(link, txId);
  return result(idTag === undefined ? {} : tag("Accepted"));
}

/** Any integer passes the schema; what no platform ever gave is no number of a transaction. */
const txIdOf = (id: number): number | undefined => Number.isSafeInteger(id) ? id : undefined;

function forget(link: PileLink, txId: number): void {
  for (const seen of link.seen.values()) if (seen.txId === txId) delete seen.txId;
}

/** transactionData: all of it to the store, its registers for the record; null: not stored. */
async function storeReadings(
  desk: Desk,
  link: PileLink,
  payload: OCPP16.StopTransactionRequest,
): Promise<{ deviceAt: number; registerWh: number }[] | null> {
  if (payload.transactionData === undefined || payload.transactionData.length === 0) return [];
  const samples = payload.transactionData.map(readMeter);
  const { tenant, pileId, linkEpoch } = link;
  const at = desk.clock.now();
  const txId = txIdOf(payload.transactionId);
  const connector = [...link.seen].find(([, seen]) => seen.txId === txId)?.[0] ?? 0;
  const rows: Reading[] = samples.map((sample) => (
    { tenant, pileId, connector, ...(txId === undefined ? {} : { txId }), ...sample, at, linkEpoch }
  ));
  try {
    await desk.tele.append(rows);
  } catch (cause) {
    desk.log.error({ tenant, pileId, txId, cause: String(cause) }, "readings are not stored");
    return null;
  }
  const registers = samples.flatMap(({ t, registerWh, flag }) => (
    registerWh === undefined || flag === "clock" ? [] : [{ deviceAt: t, registerWh }]
  )).sort((a, b) => a.deviceAt - b.deviceAt);
  return thinned(registers, READINGS_MAX);
}

/** First, last and evenly many between. */
export function thinned<T>(all: readonly T[], most: number): T[] {
  if (all.length <= most) return [...all];
  return Array.from({ length: most }, (_, i) => (
    all[Math.round(i * (all.length - 1) / (most - 1))]!
  ));
}

/** A register that no meter can show is bent to the nearest that it can, and complained about. */
function registerOf(desk: Desk, link: PileLink, wh: number): number {
  const bent = Math.min(Math.max(wh, 0), WH_MAX);
  if (bent !== wh) {
    desk.metrics.count("ocpp_readings_flagged", { flag: "out-of-range" });
    desk.log.warn({ pileId: link.pileId, wh }, "register is out of range");
  }
  return bent;
}
