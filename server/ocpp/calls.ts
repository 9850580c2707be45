// Our questions to one pile: one at a time (OCPP-J 4.1.1), in order but stops first, each with a time
// limit. An answer that comes after it still reaches whoever asked, as `late`.
import { type CentralAction, checkResult } from "../../wire/foreign/ocpp16/payloads.ts";
import { encodeCall, type Frame, type Payload } from "../../wire/foreign/ocpp16/frames.ts";
import type { Clock } from "../ports.ts";

export type CallOutcome =
  | { is: "result"; payload: Payload }
  | { is: "error"; code: string; description: string }
  /** Not sent: too many before it, or the link is gone. */
  | { is: "unsent"; why: "busy" | "gone" }
  /** Sent, and no answer. */
  | { is: "unknown" };

interface Waiting {
  id: string;
  action: CentralAction;
  payload: Payload;
  latestAt: number;
  settle(outcome: CallOutcome): void;
  late?: (outcome: CallOutcome) => void;
}
interface Options {
  urgent?: boolean;
  late?: (outcome: CallOutcome) => void;
}
export interface PileCallsOut {
  ask(action: CentralAction, payload: Payload, options?: Options): Promise<CallOutcome>;
  answered(frame: Extract<Frame, { kind: "result" | "error" }>): "taken" | "late" | "stray";
  end(): void;
}

/** More than an operator and the actors can have under way at one pile. */
const WAITING_MAX = 16;
/** Answers later than that many newer questions are strays. */
const LATE_MAX = 8;

export function callsTo(
  send: (text: string) => void,
  clock: Clock,
  limits: { callMs: number; sendMs: number },
  name: string,
): PileCallsOut {
  const waiting: Waiting[] = [];
  const overdue = new Map<string, Waiting>();
  let current: { call: Waiting; timer: { cancel(): void } } | null = null;
  let count = 0;
  let ended = false;

  const next = () => {
    if (current !== null || ended) return;
    const call = waiting.shift();
    if (call === undefined) return;
    if (clock.tick() > call.latestAt) {
      call.settle({ is: "unsent", why: "busy" });
      return next();
    }
    const timer = clock.after(limits.callMs, () => {
      current = null;
      noteOverdue(overdue, call);
      call.settle({ is: "unknown" });
      next();
    });
    current = { call, timer };
    send(encodeCall(call.id, call.action, call.payload));
  };

  return {
    ask: (action, payload, options = {}) =>
      new Promise((settle) => {
        if (ended) return settle({ is: "unsent", why: "gone" });
        if (waiting.length >= WAITING_MAX) return settle({ is: "unsent", why: "busy" });
        const id = `${name}-${++count}`;
        const { late, urgent } = options;
        // What only lowers risk is worth sending however late.
        const latestAt = urgent === true ? Infinity : clock.tick() + limits.sendMs;
        const call = { id, action, payload, latestAt, settle, ...(late ? { late } : {}) };
        if (urgent === true) waiting.unshift(call);
        else waiting.push(call);
        next();
      }),
    answered(frame) {
      if (current?.call.id === frame.id) {
        const { call, timer } = current;
        timer.cancel();
        current = null;
        call.settle(outcomeOf(call.action, frame));
        next();
        return "taken";
      }
      const call = overdue.get(frame.id);
      if (call === undefined) return "stray";
      overdue.delete(frame.id);
      call.late?.(outcomeOf(call.action, frame));
      return "late";
    },
    end() {
      ended = true;
      current?.timer.cancel();
      current?.call.settle({ is: "unknown" });
      current = null;
      for (const call of waiting.splice(0)) call.settle({ is: "unsent", why: "gone" });
    },
  };
}

function noteOverdue(overdue: Map<string, Waiting>, call: Waiting): void {
  overdue.set(call.id, call);
  if (overdue.size <= LATE_MAX) return;
  for (const oldest of overdue.keys()) {
    overdue.delete(oldest);
    return;
  }
}

function outcomeOf(
  action: CentralAction,
  frame: Extract<Frame, { kind: "result" | "error" }>,
): CallOutcome {
  if (frame.kind === "error") {
    return { is: "error", code: frame.code, description: frame.description };
  }
  if (!checkResult(action, frame.payload)) {
    return { is: "error", code: "FormationViolation", description: "answer is not of the schema" };
  }
  return { is: "result", payload: frame.payload };
}
