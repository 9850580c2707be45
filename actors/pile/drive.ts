// What a connector must send to its device now. Asked after every change: the state says what is due,
// so a lost answer, a new link or a timer all lead to the same next step.
import { connectorOf, type Turn } from "./turn.ts";
import type { CallOp, Connector } from "./state.ts";
import { startIdOf, stopIdOf, txName } from "./names.ts";

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
  turn.add({
    type: "DeviceCalled",
    connector: no,
    op,
    about,
    id: idOf(connector, op, about, turn),
  });
}

function idOf({ no, use }: Connector, op: CallOp, about: string, turn: Turn): string {
  switch (op) {
    case "start":
      return startIdOf(about, use.status === "starting" ? use.round : 1);
    case "stop":
      return stopIdOf(about);
    case "ask": // a question changes nothing: each has an id of its own
      return `ask-${no}-${turn.ctx.v + 1}`;
  }
}
