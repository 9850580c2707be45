// Starting a charge: one command id over all tries, a question before each repeat, proof before it is
// undone. Nothing here ever starts what has ended or failed.
import { nothing, refuse } from "../kit/mod.ts";
import { isActor } from "../kit/who.ts";
import { deviceOutcome } from "../../wire/pile.ts";
import type { DeviceOutcome, RawCause } from "../../wire/pile.ts";
import type { Of, PileDecision } from "./fact.ts";
import { drive } from "./drive.ts";
import { blockingFault, forbidden, orderAt } from "./keep.ts";
import { tagOf } from "./names.ts";
import type { Connector, FailedStart, Registered, Starting } from "./state.ts";
import { connectorOf, hasConnector, openTurn, type PileCtx, type Turn } from "./turn.ts";

export function startConnector(
  state: Registered,
  command: Of<"StartConnector">,
  ctx: PileCtx,
): PileDecision {
  const { orderId, connector: no, limit, holdFen } = command;
  if (!isActor(ctx.principal, "order", orderId)) return forbidden();
  if (!hasConnector(state, no)) return refuse("pile.connector-unknown", { connector: no });
  const connector = connectorOf(state, no);
  if (connector.use.status !== "kept" || connector.use.orderId !== orderId) {
    const under = orderAt(connector) === orderId && connector.use.status !== "undoing";
    return under ? nothing : refuse("pile.not-kept", { connector: no });
  }
  const fault = blockingFault(state, connector);
  if (fault) return refuse("pile.faulted", { code: fault.cause.code, since: fault.since });
  const turn = openTurn(state, ctx);
  const deadlineAt = ctx.at + ctx.settings.startMs;
  const tag = tagOf(orderId);
  turn.add({ type: "StartRequested", connector: no, orderId, tag, limit, holdFen, deadlineAt });
  // A pile that was there at its keep and is away now has until the deadline to come back.
  drive(turn, no);
  return turn.events;
}

type Step =
  & { step: Starting["step"]; why: string }
  & Partial<
    { doubt: true; anew: true; newId: true; prompt: true; seen: { registerWh: number | null } }
  >;
export function stepStart(turn: Turn, { no, use }: Connector, step: Step): void {
  if (use.status !== "starting") return;
  turn.add({ type: "StartStepped", connector: no, orderId: use.orderId, ...step });
  drive(turn, no);
}

/** No try of this start has left for the pile: nothing can run by it. */
export const neverHeard = ({ attempt, doubt }: Starting): boolean => attempt === 0 && !doubt;

/**
 * A start that will not be. Proven only where the pile never heard of it, or refused it itself with no
 * try in doubt; else the connector stays closed and stop is sent until the pile proves that no session runs.
 * `stop: false`: another session took its place, and its end is the proof.
 */
export function failStart(
  turn: Turn,
  no: number,
  why: FailedStart["why"],
  { cause, proven = false, stop = true }: { cause?: RawCause; proven?: boolean; stop?: boolean } =
    {},
): void {
  const { use } = connectorOf(turn.state, no);
  if (use.status !== "starting") return;
  const failed = { orderId: use.orderId, why, ...(cause === undefined ? {} : { cause }) };
  turn.add({ type: "StartFailed", connector: no, failed, proven });
  if (proven || !stop) return;
  if (turn.ctx.without.has("start.stop-until-proven")) {
    turn.add({ type: "StartUndone", connector: no, failed, proof: "dropped" });
  } else drive(turn, no);
}

const isBlind = ({ ctx }: Turn): boolean => ctx.without.has("start.ask-before-resend");
const gunNotIn = (code: string | undefined): boolean => code === "unplugged";

/** The pile's answer to a start command. */
export function startAnswered(turn: Turn, no: number, answer: DeviceOutcome | null): void {
  const connector = connectorOf(turn.state, no);
  const { use } = connector;
  if (use.status !== "starting") return drive(turn, no);
  if (answer === null) { // link.gone, outcome.unknown: it may have acted
    if (use.step === "sent" && isBlind(turn)) {
      return tryAgain(turn, connector, { why: "no-answer" });
    }
    const step = use.step === "sent" ? "unsure" : use.step;
    return stepStart(turn, connector, { step, why: "no-answer", doubt: true });
  }
  const { outcome, code } = answer;
  const refused = outcome === "refused" ||
    (outcome === "known" && code !== undefined && code !== "accepted");
  if (!refused) {
    const prompt = connector.plugged === false ? { prompt: true as const } : {};
    return stepStart(turn, connector, { step: "accepted", why: outcome, ...prompt });
  }
  if (outcome === "known" && use.attempt > 1) {
    // The pile only repeats an old refusal, which never acted: the next try needs a new id.
    return tryAgain(turn, connector, { newId: true, why: "refusal-repeated" });
  }
  if (gunNotIn(code)) return waitForPlug(turn, connector);
  if (use.doubt) { // an earlier try may have acted: busy with this very order looks the same
    return stepStart(turn, connector, { step: "unsure", why: "refused-in-doubt" });
  }
  const cause: RawCause = { code: code ?? "refused", by: "pile" };
  failStart(turn, no, "device-refused", { cause, proven: true });
}

function waitForPlug(turn: Turn, connector: Connector): void {
  const { use, plugged, plugAt } = connector;
  if (use.status !== "starting") return;
  // The car may have come while the answer was on its way.
  if (turn.ctx.without.has("plug.waits")) {
    return failStart(turn, connector.no, "unplugged", { proven: !use.doubt });
  }
  const camePlug = plugged === true && plugAt !== null && plugAt >= use.requestedAt;
  stepStart(turn, connector, {
    step: camePlug ? "unsure" : "waits-plug",
    why: "unplugged",
  });
}

/** Only after proof that no session runs. */
function tryAgain(turn: Turn, connector: Connector, how: { newId?: true; why: string }): void {
  const { use, no } = connector;
  if (use.status !== "starting") return;
  const over = use.attempt >= turn.ctx.settings.startTries || turn.ctx.at >= use.deadlineAt;
  if (over) return failStart(turn, no, "device-silent");
  stepStart(turn, connector, { step: "due", ...how });
}

export type Seen = NonNullable<DeviceOutcome["connectors"]>[number] | null;

/** The pile's answer to the question what runs; null: it could not say. */
export function startSeen(turn: Turn, no: number, seen: Seen): void {
  const connector = connectorOf(turn.state, no);
  const { use } = connector;
  if (use.status !== "starting" || use.step !== "unsure") return;
  switch (seen?.state) {
    case "charging": {
      const other = seen.orderId !== undefined && seen.orderId !== use.orderId;
      if (other) return failStart(turn, no, "device-refused", { cause: busy });
      const proof = { registerWh: seen.registerWh ?? null };
      return stepStart(turn, connector, { step: "accepted", why: "charging", seen: proof });
    }
    case "idle":
    case "plugged":
      return tryAgain(turn, connector, { why: "no-session" });
    case "unknown":
    case undefined:
      return; // the timer asks again
  }
}
export const busy: RawCause = { code: "busy", by: "pile" };

/** Ten seconds of silence after a start, or after a question that was not answered. */
export function startSilent(state: Registered, no: number, ctx: PileCtx): PileDecision {
  const turn = openTurn(state, ctx);
  const connector = connectorOf(state, no);
  if (connector.use.status !== "starting") return nothing;
  if (connector.use.step !== "sent" && connector.use.step !== "unsure") return nothing;
  if (isBlind(turn)) {
    tryAgain(turn, connector, { why: "silent" });
    return turn.events;
  }
  stepStart(turn, connector, { step: "unsure", why: "silent", doubt: true });
  return turn.events;
}

/** A car came while the order waits for it: the pile is asked first, it may have begun by itself. */
export function startPlugged(turn: Turn, no: number): void {
  const connector = connectorOf(turn.state, no);
  if (connector.use.status !== "starting" || connector.use.step !== "waits-plug") return;
  if (turn.ctx.without.has("plug.goes-on")) return;
  stepStart(turn, connector, { step: "unsure", why: "plugged", anew: true });
}

export function plugTimedOut(state: Registered, no: number, ctx: PileCtx): PileDecision {
  const turn = openTurn(state, ctx);
  const { use, plugged } = connectorOf(state, no);
  if (use.status !== "starting") return nothing;
  const prompted = use.step === "accepted" && plugged === false;
  if (use.step !== "waits-plug" && !prompted) return nothing;
  failStart(turn, no, "unplugged", { proven: !prompted && !use.doubt });
  return turn.events;
}

/** Body of a device call's good answer; null: it is unknown what happened. */
export function outcomeOf(answer: unknown): DeviceOutcome | null {
  const ok = typeof answer === "object" && answer !== null && "ok" in answer && answer.ok === true;
  if (!ok || !("body" in answer)) return null;
  const parsed = deviceOutcome.safeParse(answer.body);
  return parsed.success ? parsed.data : null;
}
