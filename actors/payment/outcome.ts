// What the provider says, by callback or answer, and what it makes of the payment: told twice, done
// once; a wrong amount is never booked; money that comes after the end goes back by itself.
import { providerOutcome } from "../../wire/money.ts";
import type { Outcome } from "../../wire/order.ts";
import type { ChargingSettings } from "../../wire/settings.ts";
import { type Ctx, type Decision, nothing, refuse } from "../kit/mod.ts";
import { incidentOf } from "./incident.ts";
import { onRefundAnswer } from "./refund.ts";
import {
  isLive,
  type Live,
  type Op,
  type Over,
  type PaymentCommand,
  type PaymentEvent,
  type PaymentState,
  type Succeeded,
} from "./state.ts";

type Decided = Decision<PaymentEvent, PaymentState>;
type PayCtx = Ctx<ChargingSettings>;
type Report = Extract<PaymentCommand, { type: "ProviderReported" }>;

/** An hour of asking without end: from then on a person looks at it as well (M8). */
const ASKS_BEFORE_PERSON = 60;

/** Said by the provider: in a callback, or as the answer to a question. */
interface Said {
  fen?: number;
  providerRef?: string;
  contract?: string;
}

export function onReport(state: PaymentState, report: Report, ctx: PayCtx): Decided {
  if (state.status === "absent") return refuse("payment.unknown", { paymentId: ctx.self.id });
  const speaker = ctx.principal.id;
  if ((speaker === "wechat" || speaker === "alipay") && speaker !== state.by) {
    return refuse("payment.forged", { by: state.by });
  }
  switch (report.outcome) {
    case "succeeded":
      if (isLive(state) && state.purpose !== "binding" && report.fen !== state.fen) {
        if (state.wrongFen === report.fen) {
          return refuse("payment.amount-wrong", { fen: state.fen });
        }
        return [
          { type: "AmountMisreported", fen: report.fen },
          wrongAmount(state, report.fen, ctx),
        ];
      }
      if (state.status === "succeeded" && ctx.without.has("pay.one-inside")) {
        return [{ type: "PaymentSucceeded", answerTo: null }]; // taken for another one
      }
      return succeeded(state, report, ctx);
    case "failed":
      return isLive(state) ? failed(state, "provider.refused") : nothing;
    case "closed":
      return isLive(state) ? [{ type: "PaymentClosed", answerTo: waiting(state) }] : nothing;
  }
}

export function onProviderAnswer(
  state: PaymentState,
  { ref, answer }: { ref: Record<string, unknown>; answer: Outcome },
  ctx: PayCtx,
): Decided {
  if (state.status === "absent") return nothing;
  const op = ref.op as Op;
  if (op === "refund" || op === "query-refund") {
    return onRefundAnswer(state, op, { ref, answer }, ctx);
  }
  if (op === "check" && state.status === "succeeded") return checked(state, answer, ctx);
  const said = answer.ok ? providerOutcome.safeParse(answer.body) : null;
  const code = answer.ok ? "command.malformed" : answer.refusal.code;
  if (!said?.success) return isLive(state) ? refusedBy(state, op, code, ctx) : nothing;
  const { status, ...told } = said.data;
  switch (status) {
    case "succeeded":
      if (isLive(state) && state.purpose !== "binding" && told.fen !== state.fen) {
        if (told.fen === undefined) return unclear(state, "payment.amount-wrong", ctx);
        return [...failed(state, "payment.amount-wrong"), wrongAmount(state, told.fen, ctx)];
      }
      return succeeded(state, told, ctx);
    case "failed":
      return isLive(state) ? failed(state, "provider.refused") : nothing;
    case "closed":
    case "refunded":
      return isLive(state) ? [{ type: "PaymentClosed", answerTo: waiting(state) }] : nothing;
    case "open":
      return isLive(state) ? stillOpen(state, op, told.handoff ?? null, ctx) : nothing;
  }
}

function succeeded(state: PaymentState, said: Said, ctx: PayCtx): Decided {
  if (state.status === "absent" || state.status === "succeeded") return nothing;
  if (!isLive(state)) return comesTooLate(state, said.fen ?? state.fen, ctx);
  if (state.purpose === "binding" && !said.contract) return unclear(state, "provider.unknown", ctx);
  return [{
    type: "PaymentSucceeded",
    ...(said.contract === undefined ? {} : { contract: said.contract }),
    ...(said.providerRef === undefined ? {} : { providerRef: said.providerRef }),
    answerTo: waiting(state),
  }];
}

/** Over already, yet the money came: it goes back, and the case is on record. */
function comesTooLate(state: Over, fen: number, ctx: PayCtx): Decided {
  // Money of a wrong amount is with a person already.
  const disputed = state.status === "failed" && state.why === "payment.amount-wrong";
  if (state.refund || fen === 0 || disputed) return nothing;
  if (ctx.without.has("pay.double-refunded")) return nothing;
  if (fen !== state.fen) return [wrongAmount(state, fen, ctx)]; // never by the word of a callback
  const incident = incidentOf(ctx, "late-success", "refund-asked", "retrying", { fen });
  return [{ type: "RefundAsked", fen }, incident];
}

/** The provider, or the way to it, said no to a question. */
function refusedBy(state: Live, op: Op, code: string, ctx: PayCtx): Decided {
  if (op === "create" && code === "provider.refused") return failed(state, code);
  if (code === "outcome.unknown" && ctx.without.has("pay.unknown-asked")) {
    return failed(state, code); // a guess
  }
  if (op === "create" && waiting(state) !== null && ctx.without.has("pay.one-at-provider")) {
    return [...unclear(state, code, ctx), { type: "PaymentRecreated" }]; // under another number
  }
  if (code === "payment.unknown") {
    if (state.status === "closing") return [{ type: "PaymentClosed", answerTo: null }];
    if (state.status === "creating" && op === "query") return [{ type: "PaymentRecreated" }];
  }
  return unclear(state, code, ctx);
}

function stillOpen(state: Live, op: Op, handoff: Handoff, ctx: PayCtx): Decided {
  switch (state.status) {
    case "creating":
      // The answer to `create` was lost, and with it the way to pay: only it tells that again, to the
      // same number with the same body (both providers know the trade by it). A debit needs none.
      if (op === "query" && state.contract === undefined) return [{ type: "PaymentRecreated" }];
      return [{ type: "PaymentOpened", handoff, answerTo: state.answerTo }];
    case "open":
      return unclear(state, "open", ctx);
    case "closing":
      return op === "query"
        ? [{ type: "PaymentClosing", why: "still-open", answerTo: null }]
        : unclear(state, "open", ctx);
  }
}
type Handoff = Extract<Live, { status: "open" }>["handoff"];

function unclear(state: Live, why: string, ctx: PayCtx): PaymentEvent[] {
  const events: PaymentEvent[] = [{ type: "PaymentUnclear", why, answerTo: waiting(state) }];
  if (state.asks === ASKS_BEFORE_PERSON) {
    events.push(incidentOf(ctx, "outcome-unknown", "keeps-asking", "needs-person", { why }));
  }
  return events;
}

const failed = (state: Live, why: string): PaymentEvent[] => [
  { type: "PaymentFailed", why, answerTo: waiting(state) },
];
const waiting = (state: Live): string | null => state.status === "creating" ? state.answerTo : null;

/** What we have as paid, asked anew: whatever the provider surely says else is for a person. */
function checked(state: Succeeded, answer: Outcome, ctx: PayCtx): Decided {
  if (state.purpose === "binding") return nothing; // a contract may end at any time
  const said = answer.ok ? providerOutcome.safeParse(answer.body).data : undefined;
  const code = answer.ok ? said?.status : answer.refusal.code;
  if (code === undefined || code === "outcome.unknown") return nothing; // the next run asks again
  const agrees = (code === "succeeded" && said?.fen === state.fen) || code === "refunded";
  // Alipay closes what was given back in full.
  const isBack = code === "closed" && (state.refunds ?? []).some(({ stage }) => stage === "stood");
  if (agrees || isBack) return nothing;
  const facts = { said: code, fen: said?.fen ?? null, expectedFen: state.fen };
  return [incidentOf(ctx, "not-at-provider", "put-before-person", "needs-person", facts)];
}

/** The wallet's (or the user's) answer to what the payment brought. */
export function onBooked(state: PaymentState, answer: Outcome, ctx: PayCtx): Decided {
  if (state.status !== "succeeded" || state.delivered) return nothing;
  if (answer.ok) return [{ type: "PaymentDelivered" }];
  if (answer.refusal.code === "due.closed") {
    const { fen } = state;
    const refundId = `${ctx.self.id}-r1`;
    return [
      { type: "DoubleDebitFound", refundId, fen },
      { type: "RefundAsked", refundId, fen },
      incidentOf(ctx, "double-debit", "refund-asked", "retrying", { fen }),
    ];
  }
  const facts = { code: answer.refusal.code, fen: state.fen };
  const incident = incidentOf(ctx, "not-booked", "put-before-person", "needs-person", facts);
  return [{ type: "PaymentDelivered" }, incident];
}

const wrongAmount = (state: Live | Over, fen: number, ctx: PayCtx) =>
  incidentOf(ctx, "amount-wrong", "not-booked", "needs-person", { fen, expectedFen: state.fen });
