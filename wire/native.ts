// The native lane: what a pile and the telemetry gateway say to each other over NATS (docs/native-lane.md).
import * as z from "zod";
import { orderId } from "./ids.ts";
import { bayState, lockSeen, lockState } from "./lock.ts";
import { connectorNo, fenPlus, instant, socPct, watt, wh } from "./units.ts";
import { chargeLimit } from "./pile.ts";

const commandOutcome = z.enum(["accepted", "refused", "known"]);

export const bootRequest = z.strictObject({
  proto: z.literal(1),
  bootId: z.string().min(4).max(64),
  model: z.string().max(80),
  firmware: z.string().max(80),
  connectors: z.int().min(1).max(16),
  clock: instant,
  /** Last fact sequence that this pile has used, over all its boots (kept on the pile's disk). */
  lastSeq: z.int().min(0),
  cmds: z.array(z.strictObject({ id: z.string().max(120), outcome: commandOutcome })).max(256),
});
export type BootRequest = z.infer<typeof bootRequest>;
export const bootAnswer = z.strictObject({
  serverTime: instant,
  linkEpoch: z.int(),
  beatMs: z.int(),
  tickMs: z.int(),
  nextSeq: z.int(),
});
/** Not opened now, or never (`afterMs` absent): `pile.unknown`, `pile.blocked`, `boot.malformed`. */
export const bootRefused = z.strictObject({ error: z.string(), afterMs: z.int().optional() });
export const beat = z.strictObject({ linkEpoch: z.int().min(0), n: z.int().min(0) });
/** up.tick is `tickSignal` of wire/tick.ts. */

const base = {
  linkEpoch: z.int().min(0),
  seq: z.int().min(1),
  at: instant,
  connector: connectorNo,
  orderId: orderId.optional(),
};
const fact = <K extends string, D extends z.ZodRawShape>(kind: K, data: D) =>
  z.strictObject({ ...base, kind: z.literal(kind), data: z.strictObject(data) });
const code = { code: z.string().max(80), raw: z.string().max(500).optional() };

/** What its sensor sees, and why it is broken. */
const aboveLock = { bay: bayState.optional(), code: z.string().min(1).max(80).optional() };

export const deviceFact = z.discriminatedUnion("kind", [
  fact("plugged", {}),
  fact("unplugged", {}),
  fact("charging", { registerWh: wh, idTag: z.string().max(20).optional() }),
  fact("meter", { registerWh: wh, powerW: watt.optional(), socPct: socPct.optional() }),
  fact("tariff-edge", { registerWh: wh }),
  fact("stopped", { registerWh: wh, ...code }),
  fact("ended", {
    registerWh: wh,
    reason: z.enum([
      "remote",
      "local",
      "limit",
      "unplugged",
      "emergency-stop",
      "power-loss",
      "reset",
      "fault",
      "other",
    ]),
    code: z.string().max(80).optional(),
    raw: z.string().max(500).optional(),
  }),
  fact("fault", { ...code, severity: z.enum(["info", "warning", "critical"]) }),
  fact("fault-cleared", {}),
  fact("lock", { state: lockState, ...aboveLock }),
  fact("gate", { state: z.enum(["open", "closed", "moving", "fault"]), ...aboveLock }),
  fact("tamper", code),
  fact("estop", {}),
  fact("limit-reached", { registerWh: wh, limit: z.enum(["energy", "money", "time", "soc"]) }),
]);
export type DeviceFact = z.infer<typeof deviceFact>;
export const factAnswer = z.union([
  z.strictObject({ ok: z.literal(true), seq: z.int() }),
  z.strictObject({ expect: z.int() }),
  /**
   * With `afterMs`: not stored now, send the same again after it (`link.gone`: boot first). Without:
   * never taken; its place in the sequence goes to a `fault` of severity info, code `fact-refused`.
   */
  z.strictObject({ error: z.string(), afterMs: z.int().optional() }),
]);

/**
 * dn.cmd. `sig` = base64url Ed25519 over the RFC 8785 JSON of the command without `sig`, plus
 * `{target: "<tenant>/<pile>"}`; start, unlock and configuration without it: `command.unsigned`.
 */
export const deviceCommand = z.strictObject({
  id: z.string().max(120),
  linkEpoch: z.int().min(0),
  kind: z.enum(["start", "stop", "reboot", "unlock", "lock", "limit", "probe"]),
  connector: connectorNo.optional(),
  orderId: orderId.optional(),
  args: z.strictObject({
    limit: chargeLimit.optional(),
    holdFen: fenPlus.nullable().optional(),
    to: z.enum(["up", "down"]).optional(),
  }),
  issuedAt: instant,
  /** Counted from receipt, not from a wall clock. */
  notAfterMs: z.int().min(0),
  sig: z.string().max(200),
});
export type DeviceCommand = z.infer<typeof deviceCommand>;
export const deviceCommandAnswer = z.strictObject({
  id: z.string(),
  outcome: commandOutcome,
  /** On `known`: what the first time came to; on `refused`: why (`unplugged`, `faulted`, `busy` …). */
  code: z.string().max(80).optional(),
});

/** `boot`: nobody holds the pile's link; it answers its status and sends up.boot again. */
export const deviceAsk = z.strictObject({
  what: z.enum(["status", "command", "boot"]),
  id: z.string().max(120).optional(),
});
export const deviceAskAnswer = z.strictObject({
  connectors: z.array(z.strictObject({
    status: z.enum(["idle", "plugged", "charging", "faulted"]),
    orderId: z.string().optional(),
    registerWh: wh,
    /** Of the bay, where it has one. */
    lock: lockSeen.optional(),
  })),
  command: z.string().optional(),
});
