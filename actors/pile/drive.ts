// What a connector must send to its device now. Asked after every change: the state says what is due,
// so a lost answer, a new link or a timer all lead to the same next step.
import { connectorOf, incident, type Turn } from "./turn.ts";
import type { CallOp, Connector, Starting } from "./state.ts";
import { startIdOf, stopIdOf, txName } from "./names.ts";

/** Tries in vain after which ops is told, and after which a person must go there. */
const TRIES_TOLD = 3;
const TRIES_PERSON = 30; // five minutes at the default pace

/** What a use is called in device calls and their answers: the order, or the transaction. */
export function aboutOf({ use }: Connector): string | null {
  switch (use.status) {
    case "free":
    case "occupied":
      return null;
    case "kept":
    case "starting":
      return use.orderId;
    case "undoing":
      return use.failed.orderId;
    case "charging":
    case "stopping": {
      const { owner, txId } = use.session;
      return owner.by === "nobody" ? txName(txId) : owner.orderId;
    }
  }
}

function dueAt({ use }: Connector): CallOp | null {
  switch (use.status) {
    case "free":
    case "occupied":
    case "kept":
      return null;
    case "starting":
      return use.step === "due" ? "start" : use.step === "unsure" ? "ask" : null;
    case "charging":
      return use.check ? "ask" : null;
    case "undoing":
    case "stopping":
      return use.stop.phase === "send" ? "stop" : use.stop.phase === "ask" ? "ask" : null;
  }
}

/** Sends what is due, if the link is open and no call of that kind is under way. */
export function drive(turn: Turn, no: number): void {
  const connector = connectorOf(turn.state, no);
  const op = dueAt(connector);
  const about = aboutOf(connector);
  if (op === null || about === null || turn.state.link.presence === "offline") return;
  if (connector.calls.includes(op)) return;
  if (op === "stop") tellOps(turn, connector);
  turn.add({
    type: "DeviceCalled",
    connector: no,
    op,
    about,
    id: idOf(connector, op, about, turn),
  });
}

/** Before each repeat of a stop. */
function tellOps(turn: Turn, { no, use }: Connector): void {
  const attempts = use.status === "stopping" || use.status === "undoing" ? use.stop.attempts : 0;
  if (attempts !== TRIES_TOLD && attempts !== TRIES_PERSON) return;
  unproven(turn, no, attempts === TRIES_TOLD ? "retrying" : "needs-person", { attempts });
}
export function unproven(
  turn: Turn,
  no: number,
  outcome: "retrying" | "needs-person",
  facts: Record<string, unknown>,
): void {
  incident(turn, {
    row: "2.4",
    cause: "stop-unproven",
    words: "pile.stop-unproven",
    action: "stop-again",
    outcome,
    facts: {
      connector: no,
      ...(turn.ctx.without.has("stop.critical-for-ops") ? {} : { severity: "critical" }),
      ...facts,
    },
  });
}

const roundOf = ({ round, attempt }: Starting, { ctx }: Turn): number =>
  ctx.without.has("start.same-command-id") ? attempt + 1 : round;

function idOf({ no, use }: Connector, op: CallOp, about: string, turn: Turn): string {
  switch (op) {
    case "start":
      return startIdOf(about, use.status === "starting" ? roundOf(use, turn) : 1);
    case "stop":
      return stopIdOf(
        about,
        use.status === "stopping" || use.status === "undoing" ? use.stop.round : 1,
      );
    case "ask": // a question changes nothing: each has an id of its own
      return `ask-${no}-${turn.ctx.v + 1}`;
  }
}
