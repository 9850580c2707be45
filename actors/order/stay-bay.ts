// What the pile sees of the bay after the charge, what its driver is told, and how ops release it:
// only after the driver was told of it and its risks, with a reason and a second confirmation.
import * as z from "zod";
import { parkingBay } from "../../wire/parking.ts";
import { isoOf } from "../../wire/units.ts";
import { nothing, refuse } from "../kit/mod.ts";
import { hasRole } from "../kit/who.ts";
import type { OrderEvent } from "./events.ts";
import { incident } from "./incidents.ts";
import type { Known, Of } from "./state.ts";
import { costUntil, isCapped, nextTold, openStay, type Stay, stayOf } from "./stay.ts";
import { collected } from "./stay-pay.ts";
import { type Decided, type OrderCtx, shown } from "./turn.ts";

/** What ops confirm a second time, and what they are told that it risks. */
export const confirmOf = ({ pileId, connector }: Pick<Known, "pileId" | "connector">): string =>
  `${pileId}/${connector}`;
const RISKS = ["gun-unlocked", "car-may-stand", "pile-may-be-shut", "driver-may-be-near"];

export function bayTold(state: Known, told: Of<"BayTold">, ctx: OrderCtx): Decided {
  if (told.what === "taken") return begun(state, told, ctx);
  if (told.what === "unlocked" || told.what === "unlock-failed") return released(state, told, ctx);
  const stay = openStay(state);
  if (stay === null) return nothing;
  switch (told.what) {
    case "blocked":
      return stay.blocked ? nothing : blocked(stay, told, ctx);
    case "opened":
      return opened(stay, told, ctx);
    case "left":
      return left(state, stay, told, ctx);
  }
}

/** The later of two clocks begins what costs, and ends what is free. */
const later = (told: Of<"BayTold">, ctx: OrderCtx): number => Math.max(told.at, ctx.at);
const earlier = (told: Of<"BayTold">, ctx: OrderCtx): number => Math.min(told.at, ctx.at);

function begun(state: Known, told: Of<"BayTold">, ctx: OrderCtx): OrderEvent[] {
  if (!("bill" in state) || stayOf(state)) return [];
  const { overstayMinuteMs, overstaySoonMinutes, overstayAgainMinutes } = ctx.settings;
  const isMeasured = !ctx.without.has("bay.measured");
  const since = isMeasured ? Math.max(state.endedAt, told.at) : state.createdAt;
  const { overstay } = state.tariff;
  const unguarded = { ...overstay, graceMinutes: 0, capFen: 100 * overstay.capFen };
  const began: OrderEvent = {
    type: "StayBegan",
    since,
    rule: ctx.without.has("due.overstay") ? unguarded : overstay,
    minuteMs: overstayMinuteMs,
    soonMinutes: overstaySoonMinutes,
    againMinutes: overstayAgainMinutes,
  };
  if (told.why === undefined || ctx.without.has("bay.never-ours")) return [began];
  return [began, { type: "StayBlocked", since, why: told.why }];
}

function blocked(stay: Stay, told: Of<"BayTold">, ctx: OrderCtx): OrderEvent[] {
  if (ctx.without.has("bay.never-ours")) return [];
  const since = Math.max(stay.since, earlier(told, ctx));
  return [{ type: "StayBlocked", since, why: told.why ?? "offline" }];
}

function opened(stay: Stay, told: Of<"BayTold">, ctx: OrderCtx): OrderEvent[] {
  if (!stay.blocked) return [];
  const fromAt = stay.blocked.since;
  return [{ type: "StayOpened", free: { fromAt, toAt: Math.max(fromAt, later(told, ctx)) } }];
}

/** Unplugged: the fee stops. With consent it is taken by itself. */
function left(state: Known, stay: Stay, told: Of<"BayTold">, ctx: OrderCtx): OrderEvent[] {
  const leftAt = Math.max(stay.since, earlier(told, ctx));
  const why = told.why ?? "unplugged";
  const asks = why === "unplugged" && ctx.settings.parking && !ctx.without.has("bay.parking");
  const over: OrderEvent = { type: "StayOver", leftAt, why, ...(asks ? { asks } : {}) };
  return [over, ...finalFee(state, stay, leftAt, ctx)];
}

/** The fee cannot grow any more: it is due, once. */
function finalFee(state: Known, stay: Stay, untilAt: number, ctx: OrderCtx): OrderEvent[] {
  if (stay.due) return [];
  const bill = costUntil(stay, untilAt);
  if (bill.fen === 0 || ctx.without.has("bay.fee")) return [];
  return [
    { type: "OverstayDue", bill },
    incident(ctx.self.id, {
      row: "7.3",
      cause: "overstay",
      words: "bay.fee-due",
      action: "fee-due",
      outcome: "handled",
    }, { fen: bill.fen, minutes: bill.minutes, blockedMs: bill.blockedMs }),
    ...collected(state, bill.fen, ctx),
  ];
}

/** Its driver is told, unless we are in the way: then it is free, and told when that is over. */
export function stayDue(state: Known, ctx: OrderCtx): Decided {
  const stay = openStay(state);
  const next = stay && nextTold(stay);
  if (!next || stay.blocked || ctx.at < next.at) return nothing;
  return [{ type: "StayTold", told: next.told, fen: costUntil(stay, ctx.at).fen }];
}

const seen = z.object({ at: z.int(), stays: z.boolean() });

/** By our clock the fee has reached its cap, and the pile was asked: it is due where both say so. */
export function bayAnswered(
  state: Known,
  { answer }: Of<"BayAnswered">,
  ctx: OrderCtx,
): Decided {
  const stay = openStay(state);
  const body = answer.ok ? seen.safeParse(answer.body) : null;
  if (stay === null || !body?.success || !body.data.stays) return nothing;
  const untilAt = Math.min(body.data.at, ctx.at);
  return isCapped(stay, costUntil(stay, untilAt)) ? finalFee(state, stay, untilAt, ctx) : nothing;
}

/** The gun is out for a while: the parking system is asked whether the bay is free. */
export const parkingDue = (state: Known): Decided =>
  stayOf(state)?.asks ? [{ type: "ParkingAsked" }] : nothing;

export function parkingAnswered(state: Known, { answer }: Of<"ParkingAnswered">): Decided {
  if (!stayOf(state)?.asks) return nothing;
  const said = answer.ok ? parkingBay.safeParse(answer.body) : null;
  return [{ type: "ParkingSaid", state: said?.success ? said.data.state : "unknown" }];
}

/** Ops warn: gun and bay will be released. Said again it is told again, and the time runs anew. */
export function warnBay(state: Known, { reason }: Of<"WarnBay">, ctx: OrderCtx): Decided {
  if (!hasRole(ctx.principal, "service", "operator")) return refuse("auth.forbidden");
  if (openStay(state) === null) return refuse("bay.not-taken", { status: state.status });
  const releaseFrom = ctx.at + ctx.settings.bayWarnMs;
  return shown([{ type: "StayWarned", reason, by: ctx.principal.id, releaseFrom }], ctx);
}

/** Ops unlock the gun, and shut the pile where they say so. Nothing of what is owed is forgiven. */
export function releaseBay(state: Known, command: Of<"ReleaseBay">, ctx: OrderCtx): Decided {
  if (!hasRole(ctx.principal, "operator")) return refuse("auth.forbidden");
  const stay = openStay(state);
  if (stay === null) return refuse("bay.not-taken", { status: state.status });
  const { reason, confirm: said, shut } = command;
  if (!ctx.without.has("due.force-unlock")) {
    if (stay.warnedAt === undefined) return refuse("bay.not-told", {});
    const from = stay.warnedAt + ctx.settings.bayWarnMs;
    if (ctx.at < from) return refuse("bay.too-early", { from: isoOf(from) });
    const confirm = confirmOf(state);
    const facts = { confirm, risks: RISKS, shut, warnedAt: isoOf(stay.warnedAt) };
    if (said !== confirm) return refuse("bay.unconfirmed", facts);
  }
  if (stay.release?.status === "asked") return shown([], ctx);
  return shown([{ type: "BayReleaseAsked", reason, by: ctx.principal.id, shut }], ctx);
}

/** The pile has unlocked the gun, or could not: then somebody has to go there. */
function released(state: Known, told: Of<"BayTold">, ctx: OrderCtx): OrderEvent[] {
  const release = stayOf(state)?.release;
  if (release?.status !== "asked") return [];
  const ok = told.what === "unlocked";
  const why = told.why === undefined ? {} : { why: told.why };
  return [
    { type: "BayReleased", ok, ...why },
    incident(ctx.self.id, {
      row: "4.2",
      cause: "force-unlock",
      words: "bay.released",
      action: ok ? "gun-unlocked" : "put-before-person",
      outcome: ok ? "handled" : "needs-person",
    }, { by: release.by, reason: release.reason, shut: release.shut, ...why }),
  ];
}
