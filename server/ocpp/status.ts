// StatusNotification and BootNotification: what they tell the pile's actor, each fact only when it is news
// to this link.
import type { OCPP16 } from "typed-ocpp/dist/ocpp16/index.js";
import { momentOf } from "../../wire/foreign/ocpp16/moments.ts";
import type { Settled } from "../ask-again.ts";
import { type Answer, type Desk, failed, type PileLink, result, seenAt } from "./ports.ts";
import { faultOf, statuses } from "./words.ts";

const WHOLE_PILE = 0;
const CONNECTOR_MAX = 64;

export async function bootNotification(
  desk: Desk,
  link: PileLink,
  payload: OCPP16.BootNotificationRequest,
): Promise<Answer> {
  const serial = payload.chargePointSerialNumber ?? payload.chargeBoxSerialNumber;
  const told = await link.tell("ReportBoot", {
    model: payload.chargePointModel,
    vendor: payload.chargePointVendor,
    ...(payload.firmwareVersion === undefined ? {} : { firmware: payload.firmwareVersion }),
    ...(serial === undefined ? {} : { serial }),
  });
  // Names only: a platform that is busy must not keep a pile out.
  if (told === null) desk.log.warn({ pileId: link.pileId }, "boot could not be recorded");
  return result({
    status: "Accepted",
    currentTime: new Date(desk.clock.now()).toISOString(),
    interval: desk.settings.heartbeatS,
  });
}

/** Statuses of a link that are being taken: one after the other, as the pile said them. */
const taking = new WeakMap<PileLink, Promise<unknown>>();
/** An end without a reason of its own is explained by the fault that was told just before it. */
export const statusesTaken = async (link: PileLink): Promise<void> => {
  await taking.get(link);
};

export async function statusNotification(
  desk: Desk,
  link: PileLink,
  payload: OCPP16.StatusNotificationRequest,
): Promise<Answer> {
  const before = taking.get(link) ?? Promise.resolve();
  const taken = before.then(() => takeStatus(desk, link, payload));
  taking.set(link, taken.catch(() => {})); // it fails for its own caller
  return await taken;
}

async function takeStatus(
  desk: Desk,
  link: PileLink,
  payload: OCPP16.StatusNotificationRequest,
): Promise<Answer> {
  const connector = payload.connectorId;
  if (connector < WHOLE_PILE || connector > CONNECTOR_MAX) {
    desk.log.warn({ pileId: link.pileId, connector }, "status of a connector that cannot be");
    return result({});
  }
  const deviceAt = payload.timestamp === undefined
    ? desk.clock.now()
    : momentOf(payload.timestamp).at;
  for (const [type, body] of await newsOf(link, payload)) {
    const told = await link.tell(type, { ...body, deviceAt });
    if (told === null) return failed("status could not be recorded");
    refusedFact(desk, link, type, told);
  }
  const seen = seenAt(link, connector);
  seen.status = payload.status;
  seen.statusAt = desk.clock.tick();
  seen.trouble = troubleOf(payload);
  const plugged = statuses[payload.status].plugged;
  if (plugged !== null) seen.plugged = plugged;
  link.onStatus(connector);
  return result({});
}

type News = [type: string, body: Record<string, unknown>][];
type Status = OCPP16.StatusNotificationRequest;

/** A name for what is wrong, so that the same fault is told once; "": nothing. */
const troubleOf = ({ status, errorCode, vendorErrorCode = "" }: Status): string =>
  status === "Faulted" || errorCode !== "NoError"
    ? `${status === "Faulted" ? "faulted" : "works"}/${errorCode}/${vendorErrorCode}`
    : "";

async function newsOf(link: PileLink, payload: Status): Promise<News> {
  const { connectorId, status } = payload;
  const where = connectorId === WHOLE_PILE ? {} : { connector: connectorId };
  const { state, plugged } = statuses[status];
  const before = link.seen.get(connectorId);
  const news: News = [];
  const trouble = troubleOf(payload);
  const was = before?.trouble ?? await troubleShown(link, connectorId);
  const better = was.startsWith("faulted") && !trouble.startsWith("faulted");
  if (was !== "" && (trouble === "" || better)) news.push(["ReportFaultCleared", where]);
  if (trouble !== "" && trouble !== was) {
    const { cause, severity } = faultOf(payload);
    // with a working connector it is a remark, not a fault
    news.push(["ReportFault", { ...where, cause, severity: state === null ? severity : "info" }]);
  }
  if (connectorId === WHOLE_PILE) return news;
  if (plugged !== null && plugged !== before?.plugged) {
    news.push(["ReportPlug", { ...where, plugged }]);
  }
  if (state !== null) news.push(["ReportState", { ...where, state }]);
  return news;
}

const UNKNOWN_TROUBLE = "faulted/?";
/** A fault that the platform has from an earlier link. Where it cannot say, there may be one. */
async function troubleShown(link: PileLink, connector: number): Promise<string> {
  if (connector === WHOLE_PILE) return UNKNOWN_TROUBLE;
  const view = await link.show() as { connectors?: { no: number; fault?: unknown }[] } | null;
  const shown = view?.connectors?.find(({ no }) => no === connector);
  return shown === undefined || shown.fault !== undefined ? UNKNOWN_TROUBLE : "";
}

export function refusedFact(desk: Desk, link: PileLink, type: string, told: Settled): void {
  if (told.ok) return;
  desk.metrics.count("ocpp_facts_refused", { type, code: told.refusal.code });
  if (!link.firstComplaint(`${type}/${told.refusal.code}`)) return;
  const { tenant, pileId } = link;
  desk.log.warn({ tenant, pileId, type, ...told.refusal }, "fact is refused by the pile's actor");
}
