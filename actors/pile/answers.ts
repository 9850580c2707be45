// Answers of the device gateway, led to whoever waits for them; those about something past change nothing.
import { nothing } from "../kit/mod.ts";
import type { DeviceOutcome, RawCause } from "../../wire/pile.ts";
import { unlockAnswered } from "./bay.ts";
import { aboutOf, drive } from "./drive.ts";
import { endSession } from "./end.ts";
import type { Of, PileDecision } from "./fact.ts";
import { outcomeOf, type Seen, startAnswered, startSeen } from "./start.ts";
import type { CallOp, Registered } from "./state.ts";
import { stopAnswered, stopCharge, stopSeen } from "./stop.ts";
import { connectorOf, hasConnector, openTurn, type PileCtx, type Turn } from "./turn.ts";

const isOp = (op: unknown): op is CallOp => op === "start" || op === "stop" || op === "ask";
/** Two looks, apart in time: the report of the end may have crossed the first on its way. */
const IDLE_PROOF = 2;

export function deviceAnswered(
  state: Registered,
  { ref, answer }: Of<"DeviceAnswered">,
  ctx: PileCtx,
): PileDecision {
  const { op, connector: no, about } = ref;
  if (op === "unlock" && typeof no === "number" && hasConnector(state, no)) {
    return unlockAnswered(state, no, outcomeOf(answer), ctx);
  }
  if (typeof no !== "number" || !isOp(op) || !hasConnector(state, no)) return nothing;
  const turn = openTurn(state, ctx);
  const outcome = outcomeOf(answer);
  const { code } = outcome ?? {};
  turn.add({
    type: "DeviceReplied",
    connector: no,
    op,
    about: String(about),
    outcome: outcome?.outcome ?? "none",
    ...(code === undefined ? {} : { code }),
  });
  if (aboutOf(connectorOf(state, no)) !== about) drive(turn, no);
  else led(turn, no, op, outcome);
  return turn.events;
}

function led(turn: Turn, no: number, op: CallOp, outcome: DeviceOutcome | null): void {
  switch (op) {
    case "start":
      return startAnswered(turn, no, outcome);
    case "stop":
      return stopAnswered(turn, no, outcome);
    case "ask":
      return asked(turn, no, outcome?.connectors?.find((one) => one.no === no) ?? null);
  }
}

function asked(turn: Turn, no: number, seen: Seen): void {
  const { use } = connectorOf(turn.state, no);
  switch (use.status) {
    case "starting":
      return startSeen(turn, no, seen); // no answer: the timer asks again, not this moment
    case "undoing":
    case "stopping":
      return stopSeen(turn, no, seen);
    case "charging":
      return checkSeen(turn, no, use.idleSeen, seen);
    case "free":
    case "occupied":
    case "kept":
      return;
  }
}

const pulled: RawCause = { code: "unplugged", by: "user", fault: "gun-pulled" };

function checkSeen(turn: Turn, no: number, idleSeen: number, seen: Seen): void {
  const idle = seen?.state === "idle" || seen?.state === "plugged";
  turn.add({ type: "CheckAnswered", connector: no, idle });
  const isOut = connectorOf(turn.state, no).plugged === false;
  if (!idle) { // it charges, or cannot say: the next reason to doubt asks again
    if (isOut && seen?.state === "charging") stopCharge(turn, no, "platform", { cause: pulled });
    return;
  }
  if (idleSeen + 1 < IDLE_PROOF) {
    turn.add({ type: "CheckRequested", connector: no, why: "idle-once" });
    return;
  }
  endSession(turn, no, {
    deviceAt: turn.ctx.at,
    ...(seen.registerWh === undefined ? {} : { registerWh: seen.registerWh }),
    reason: isOut ? "unplugged" : "other",
    cause: isOut ? pulled : { code: "found-idle", by: "pile" },
    proof: "asked",
  });
}
