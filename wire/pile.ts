// What can be said to a pile's actor (桩, with its connectors 枪), by whom, and what it shows of itself.
import * as z from "zod";
import { connectorLock, lockSeen, lockTo } from "./lock.ts";
import { bayLockCommands, deviceLink } from "./pile-lock.ts";
import { bayCommands } from "./pile-bay.ts";
import { orderId, pileCode, pileId, reservationId, stationId, userId } from "./ids.ts";
import { reserveRule, slotCommands } from "./slot.ts";
import { connectorNo, currency, fenPlus, instant, iso, socPct, watt, wh } from "./units.ts";
import { overstayRule, segment, tariff, tariffFees, tariffPeriod } from "./tariff.ts";

export const lane = z.enum(["native", "ocpp1.6", "ocpp2.0.1", "ykc"]);
export type Lane = z.infer<typeof lane>;

/** What a driver may ask a charge to stop at. */
export const chargeLimit = z.strictObject({
  energyWh: wh.min(100).optional(),
  moneyFen: fenPlus.min(1).optional(),
  timeMs: z.int().min(5_000).max(43_200_000).optional(), // shorter is over before it shows
  socPct: socPct.min(1).optional(),
});
export type ChargeLimit = z.infer<typeof chargeLimit>;

/** Why a charge ended, as the pile's side has it, one word for all protocols. */
export const endReason = z.enum([
  "remote", // the platform's stop command
  "local", // button, screen, card at the pile or the car (本地停止)
  "limit", // the pile's own limit (full, energy, time, SoC)
  "unplugged", // 拔枪
  "emergency-stop",
  "power-loss",
  "reset",
  "unlock",
  "deauthorized",
  "fault",
  "other",
]);
export type EndReason = z.infer<typeof endReason>;

/** Raw code as the device sent it, kept and searchable. */
export const rawCause = z.strictObject({
  code: z.string().max(80),
  by: z.enum(["vehicle", "pile", "user", "grid", "platform", "unknown"]),
  raw: z.string().max(500).optional(),
  /** Its name in the catalogue (wire/faults), where that knows the code. */
  fault: z.string().max(40).optional(),
});
export type RawCause = z.infer<typeof rawCause>;

export const connectorStatus = z.enum([
  "free", // 空闲
  "plugged", // a car is there, nothing runs
  "kept", // kept for an order for 30 s
  "starting",
  "charging",
  "stopping",
  "occupied", // ended, car still there
  "reserved",
  "faulted", // 故障
]);
export type ConnectorStatus = z.infer<typeof connectorStatus>;

export const pileCommand = z.discriminatedUnion("type", [
  // ops
  z.strictObject({
    type: z.literal("RegisterPile"),
    stationId,
    code: pileCode,
    lane,
    ratedPowerW: watt.min(1000),
    connectors: z.array(z.strictObject({
      no: connectorNo,
      plug: z.enum(["gb-dc", "gb-ac", "ccs2", "type2"]),
      ratedPowerW: watt.min(1000),
      reservable: z.boolean(),
    })).min(1).max(16),
  }),
  z.strictObject({ type: z.literal("DisablePile"), reason: z.string().min(1).max(500) }),
  z.strictObject({ type: z.literal("EnablePile"), reason: z.string().min(1).max(500) }),
  // station
  z.strictObject({
    type: z.literal("SetTariff"),
    tariff,
    stationPhone: z.string().max(40),
    reserving: reserveRule.optional(), // absent: the platform's settings stand
  }),
  // gateways: the link (reply of OpenLink: {linkEpoch, lastSeq, openStarts})
  z.strictObject({
    type: z.literal("OpenLink"),
    gatewayId: z.string().max(80),
    lane,
    bootId: z.string().max(64),
    model: z.string().max(80).optional(),
    firmware: z.string().max(80).optional(),
    remote: z.string().max(80).optional(),
  }),
  z.strictObject({
    type: z.literal("LoseLink"),
    gatewayId: z.string().max(80),
    linkEpoch: z.int().min(0),
    why: z.enum(["closed", "silent", "replaced", "gateway-gone"]),
  }),
  z.strictObject({
    type: z.literal("ReportBoot"), // OCPP BootNotification: names only, the link is open already
    ...deviceLink,
    model: z.string().max(80),
    vendor: z.string().max(80).optional(),
    firmware: z.string().max(80).optional(),
    serial: z.string().max(80).optional(),
  }),
  // gateways: facts. `deviceAt` is the device's clock, `at` comes with the command
  z.strictObject({
    type: z.literal("ReportPlug"),
    ...deviceLink,
    connector: connectorNo,
    plugged: z.boolean(),
    deviceAt: instant,
  }),
  z.strictObject({
    type: z.literal("ReportState"), // OCPP StatusNotification or the answer to a status question
    ...deviceLink,
    connector: connectorNo,
    state: z.enum(["available", "preparing", "charging", "suspended", "finishing", "unavailable"]),
    deviceAt: instant,
  }),
  z.strictObject({
    type: z.literal("ReportStarted"), // reply {txId, accepted: true} or {txId, accepted: false, why}
    ...deviceLink,
    connector: connectorNo,
    deviceAt: instant,
    registerWh: wh,
    /** The order the device says it charges for (native); OCPP: found by the tag. */
    orderId: orderId.optional(),
    idTag: z.string().max(20).optional(),
    /** Owner of the card, looked up by the gateway; null: unknown card. */
    cardUserId: userId.nullable().optional(),
    /** The card exists but may not charge. */
    cardBlocked: z.boolean().optional(),
  }),
  z.strictObject({
    type: z.literal("ReportMeter"), // a reading that must not be lost: tariff-edge, final, every 60 s
    ...deviceLink,
    connector: connectorNo,
    txId: z.int().optional(),
    deviceAt: instant,
    registerWh: wh,
    powerW: watt.optional(),
    socPct: socPct.optional(),
  }),
  z.strictObject({
    type: z.literal("ReportEnded"), // StopTransaction, native `ended`: reply null once recorded
    ...deviceLink,
    connector: connectorNo.optional(),
    txId: z.int().optional(),
    orderId: orderId.optional(),
    idTag: z.string().max(20).optional(),
    deviceAt: instant,
    registerWh: wh,
    reason: endReason,
    cause: rawCause.optional(),
    /** Readings inside the report (transactionData, queued tariff edges), oldest first. */
    readings: z.array(z.strictObject({ deviceAt: instant, registerWh: wh })).max(500).optional(),
  }),
  z.strictObject({
    type: z.literal("ReportFault"),
    ...deviceLink,
    connector: connectorNo.optional(),
    cause: rawCause,
    severity: z.enum(["info", "warning", "critical"]),
    deviceAt: instant,
  }),
  z.strictObject({
    type: z.literal("ReportFaultCleared"),
    ...deviceLink,
    connector: connectorNo.optional(),
    deviceAt: instant,
  }),
  // orders
  z.strictObject({
    type: z.literal("KeepConnector"), // reply: KeptFacts; refused pile.* / order.price-changed
    orderId,
    userId,
    connector: connectorNo,
    tariffVersion: z.string(),
    /** The promise under which it is kept: others find it locked. */
    reservationId: reservationId.optional(),
  }),
  ...slotCommands,
  z.strictObject({ type: z.literal("LetConnectorGo"), orderId, connector: connectorNo }),
  z.strictObject({
    type: z.literal("StartConnector"), // reply null: the pile has taken it on; outcome follows as Tell
    orderId,
    connector: connectorNo,
    limit: chargeLimit,
    /** Stop before the bill passes this (hold, credit or wallet); null: no money limit. */
    holdFen: fenPlus.nullable(),
  }),
  z.strictObject({
    type: z.literal("RaiseLimit"), // order; the hold was topped up: the charge may cost more; reply null
    orderId,
    connector: connectorNo,
    holdFen: fenPlus,
  }),
  z.strictObject({
    type: z.literal("StopConnector"), // reply null; stop is sent until the pile proves that nothing runs
    orderId,
    connector: connectorNo,
    by: z.enum(["user", "ops", "limit", "platform"]),
  }),
  ...bayCommands,
  // answers and inner work
  z.strictObject({
    type: z.literal("DeviceAnswered"),
    ref: z.record(z.string(), z.unknown()),
    answer: z.unknown(),
  }),
  z.strictObject({
    type: z.literal("CardAnswered"), // the order's answer to StartByCard
    ref: z.record(z.string(), z.unknown()),
    answer: z.unknown(),
  }),
  z.strictObject({
    type: z.literal("NoteReading"), // from the fast lane: 60 s or 0.5 kWh, tariff borders
    connector: connectorNo,
    deviceAt: instant,
    registerWh: wh,
    powerW: watt.optional(),
    socPct: socPct.optional(),
  }),
  z.strictObject({
    type: z.literal("FindCharge"), // from the fast lane: power where no charge is known
    connector: connectorNo,
    deviceAt: instant,
    registerWh: wh,
    powerW: watt,
  }),
  z.strictObject({
    type: z.literal("ReachLimit"), // from the fast lane: preset or hold reached
    connector: connectorNo,
    orderId,
    limit: z.enum(["energy", "money", "time", "soc", "hold", "platform"]),
  }),
  ...bayLockCommands,
  z.strictObject({ type: z.literal("TimerFired"), name: z.string() }),
]);
export type PileCommand = z.infer<typeof pileCommand>;

/** What the order gets with its connector: everything it freezes. */
export const keptFacts = z.strictObject({
  stationId,
  tariff,
  ratedPowerW: watt,
  registerWh: wh.nullable(),
  plugged: z.boolean().nullable(),
  lane,
});
export type KeptFacts = z.infer<typeof keptFacts>;

/** Call on port "device": lane = pile, answered by the gateway that holds the link. */
export const deviceCall = z.strictObject({
  tenant: z.string(),
  pileId,
  gatewayId: z.string(),
  linkEpoch: z.int().min(0),
  lane,
  command: z.discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("start"),
      id: z.string(),
      connector: connectorNo,
      orderId,
      /** What an OCPP pile will put into StartTransaction.idTag. */
      idTag: z.string().max(20),
      limit: chargeLimit,
      holdFen: fenPlus.nullable(),
    }),
    z.strictObject({
      kind: z.literal("stop"),
      id: z.string(),
      connector: connectorNo,
      orderId: orderId.optional(),
      txId: z.int().optional(),
    }),
    z.strictObject({ kind: z.literal("unlock"), id: z.string(), connector: connectorNo }),
    z.strictObject({
      kind: z.literal("lock"), // the bay's
      id: z.string(),
      connector: connectorNo,
      to: lockTo,
    }),
    z.strictObject({ kind: z.literal("reboot"), id: z.string() }),
    z.strictObject({ kind: z.literal("ask"), id: z.string() }),
  ]),
});
export type DeviceCall = z.infer<typeof deviceCall>;

/** Body of a device call's good answer. Refusals of the call: `link.gone`, `outcome.unknown`. */
export const deviceOutcome = z.strictObject({
  outcome: z.enum(["accepted", "refused", "known", "told"]),
  code: z.string().optional(),
  /** For `ask`: what runs at each connector, as the pile says or its latest status shows. */
  connectors: z.array(z.strictObject({
    no: connectorNo,
    state: z.enum(["idle", "plugged", "charging", "unknown"]),
    orderId: z.string().optional(),
    txId: z.int().optional(),
    registerWh: wh.optional(),
    /** Of the bay, where it hangs on the pile. */
    lock: lockSeen.optional(),
  })).optional(),
});
export type DeviceOutcome = z.infer<typeof deviceOutcome>;

/** Ops' reason to disable a pile that no longer stands there. */
export const TAKEN_DOWN = "taken-down";

/** Pile as pages see it (read "show"; also `data` of its live facts). */
export const pileView = z.strictObject({
  id: pileId,
  v: z.int(),
  stationId,
  code: pileCode,
  lane,
  ratedPowerW: watt,
  presence: z.enum(["online", "offline"]),
  disabled: z.boolean(),
  /** Ops disabled it for good: lists and the wall leave it out, its record stays. */
  takenDown: z.literal(true).optional(),
  model: z.string().optional(),
  firmware: z.string().optional(),
  linkEpoch: z.int(),
  gatewayId: z.string().optional(),
  connectors: z.array(z.strictObject({
    no: connectorNo,
    plug: z.string(),
    ratedPowerW: watt,
    reservable: z.boolean(),
    status: connectorStatus,
    plugged: z.boolean().nullable(),
    orderId: orderId.optional(),
    registerWh: wh.optional(),
    powerW: watt.optional(),
    /** While it charges: when its newest reading arrived, and since when none has. */
    readingAt: iso.optional(),
    gapSince: iso.optional(),
    fault: rawCause.optional(),
    /** The fault stays until ops have looked at it, whatever the pile says. */
    awaitsInspection: z.literal(true).optional(),
    /** Of the bay; with a fault nobody can start here. */
    lock: connectorLock.optional(),
  })),
  tariffVersion: z.string().optional(),
  /** Of the station, for a driver who stands there without a network. */
  stationPhone: z.string().optional(),
  /** Energy that belongs to no order, with an alarm. */
  unattributedWh: wh,
});
export type PileView = z.infer<typeof pileView>;

export const segments = z.array(segment).max(200);

/** Read "quote" {connector, limit?, at?}: what a charge would cost, and whether it would be taken now. */
export const quoteAsked = z.strictObject({
  connector: connectorNo,
  limit: chargeLimit.optional(),
  at: instant.optional(),
});
/** Its answer; http adds pile, connector and v. */
export const quoteView = z.strictObject({
  tariffVersion: z.string(),
  zone: z.string(),
  lines: z.array(tariffPeriod),
  holdFen: fenPlus,
  overstay: overstayRule,
  currency: currency.optional(),
  fees: tariffFees.optional(),
  plugged: z.boolean().nullable(),
  startable: z.boolean(),
  /** Code of the refusal that a start would meet now. */
  why: z.string().optional(),
});
export type QuoteView = z.infer<typeof quoteView>;
