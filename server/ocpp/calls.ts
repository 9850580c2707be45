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
type Answered = Extract<Frame, { kind: "result" | "error" }>;
interface Options {
  urgent?: boolean;
  late?: (outcome: CallOutcome) => void;
}

/** More than an operator and the actors can have under way at one pile. */
const WAITING_MAX = 16;
/** Answers later than that many newer questions are strays. */
const LATE_MAX = 8;

export class PileCallsOut {
  readonly #waiting: Waiting[] = [];
  readonly #overdue = new Map<string, Waiting>();
  #current: { call: Waiting; timer: { cancel(): void } } | null = null;
  #count = 0;
  #ended = false;

  constructor(
    readonly send: (text: string) => void,
    readonly clock: Clock,
    readonly limits: { callMs: number; sendMs: number },
    /** Head of the message ids: other connections have other ones. */
    readonly name: string,
  ) {}

  ask(action: CentralAction, payload: Payload, options: Options = {}): Promise<CallOutcome> {
    return new Promise((settle) => {
      if (this.#ended) return settle({ is: "unsent", why: "gone" });
      if (this.#waiting.length >= WAITING_MAX) return settle({ is: "unsent", why: "busy" });
      const id = `${this.name}-${++this.#count}`;
      const { late, urgent } = options;
      // What only lowers risk is worth sending however late.
      const latestAt = urgent === true ? Infinity : this.clock.tick() + this.limits.sendMs;
      const call = { id, action, payload, latestAt, settle, ...(late ? { late } : {}) };
      if (urgent === true) this.#waiting.unshift(call);
      else this.#waiting.push(call);
      this.#next();
    });
  }

  answered(frame: Answered): "taken" | "late" | "stray" {
    if (this.#current?.call.id === frame.id) {
      const { call, timer } = this.#current;
      timer.cancel();
      this.#current = null;
      call.settle(outcomeOf(call.action, frame));
      this.#next();
      return "taken";
    }
    const call = this.#overdue.get(frame.id);
    if (call === undefined) return "stray";
    this.#overdue.delete(frame.id);
    call.late?.(outcomeOf(call.action, frame));
    return "late";
  }

  end(): void {
    this.#ended = true;
    this.#current?.timer.cancel();
    this.#current?.call.settle({ is: "unknown" });
    this.#current = null;
    for (const call of this.#waiting.splice(0)) call.settle({ is: "unsent", why: "gone" });
  }

  #next(): void {
    if (this.#current !== null || this.#ended) return;
    const call = this.#waiting.shift();
    if (call === undefined) return;
    if (this.clock.tick() > call.latestAt) {
      call.settle({ is: "unsent", why: "busy" });
      return this.#next();
    }
    const timer = this.clock.after(this.limits.callMs, () => {
      this.#current = null;
      noteOverdue(this.#overdue, call);
      call.settle({ is: "unknown" });
      this.#next();
    });
    this.#current = { call, timer };
    this.send(encodeCall(call.id, call.action, call.payload));
  }
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
  frame: Answered,
): CallOutcome {
  if (frame.kind === "error") {
    return { is: "error", code: frame.code, description: frame.description };
  }
  if (!checkResult(action, frame.payload)) {
    return { is: "error", code: "FormationViolation", description: "answer is not of the schema" };
  }
  return { is: "result", payload: frame.payload };
}
