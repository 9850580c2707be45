// The payment provider as it is: what was really paid. It acts and drops the answer, drops and acts
// later, hangs, fails, and calls back late, twice, or with things that never happened.
import type { ProviderCall, ProviderOutcome } from "../../wire/money.ts";
import type { Client, PortAnswer } from "../../server/runtime/mod.ts";
import type { Random } from "../../sim/random.ts";
import type { Asker } from "./asker.ts";
import type { Chance } from "./faults.ts";
import { TENANT } from "./gateway.ts";
import type { Time } from "./time.ts";

export interface Paid {
  status: "open" | "succeeded" | "failed" | "closed";
  fen: number;
  by: "wechat" | "alipay";
  binding: boolean;
  refundedFen: number;
  /** By the number of each. */
  refunds: Record<string, number>;
  /** It was said to be closed once; money that comes all the same goes back. */
  saidClosed?: true;
}
export interface ProviderOptions {
  time: Time;
  random: Random;
  faults: Chance;
  /** What was really paid. */
  payments: Map<string, Paid>;
  asker: Asker;
  client: Client;
  say(words: string): void;
  act(): void;
  count(name: string): void;
}
class ProviderDown extends Error {
  override readonly name = "ProviderDown";
}

const CALL_MS = 5_000;
const WAY_MS_MAX = 200;
const LATE_MS_MAX = 30_000;
const DEBIT_MS_MAX = 2_000;
const CALLBACK_MS_MAX = 300_000;
const good = (body: ProviderOutcome): PortAnswer => ({ ok: true, body });
const bad = (code: string): PortAnswer => ({ ok: false, refusal: { code, facts: {} } });
const unknown = bad("outcome.unknown");

export class Provider {
  #n = 0;

  constructor(readonly options: ProviderOptions) {}

  get payments(): Map<string, Paid> {
    return this.options.payments;
  }

  async call(body: unknown): Promise<PortAnswer> {
    const { time, random, faults, act, count } = this.options;
    const call = body as ProviderCall;
    await time.sleep(random.between(1, WAY_MS_MAX));
    act();
    if (faults.strikes("provider-fails")) throw new ProviderDown("502");
    if (faults.strikes("provider-drops-then-acts")) {
      time.after(random.between(100, LATE_MS_MAX), () => void this.#act(call));
      return await this.#unheard(call);
    }
    const answer = this.#act(call);
    if (faults.strikes("provider-acts-then-drops")) return await this.#unheard(call);
    if (faults.strikes("provider-hangs")) {
      await time.sleep(CALL_MS * (1 + 5 * random.next()));
      return unknown;
    }
    if (call.op === "query" && answer.ok && isOver(answer.body)) count("payment-resolved-by-query");
    await time.sleep(random.between(1, WAY_MS_MAX));
    return answer;
  }

  async #unheard({ op, paymentId }: ProviderCall): Promise<PortAnswer> {
    this.options.say(`the provider's answer to ${op} of ${paymentId} is lost`);
    this.options.count("payment-unknown");
    await this.options.time.sleep(CALL_MS);
    return unknown;
  }

  #act(call: ProviderCall): PortAnswer {
    const paid = this.payments.get(call.paymentId);
    switch (call.op) {
      case "create":
        return this.#create(call, paid);
      case "query":
        return paid ? good({ status: paid.status, fen: paid.fen }) : bad("payment.unknown");
      case "close":
        if (!paid) return bad("payment.unknown");
        return this.#close(call.paymentId, paid);
      case "refund": {
        if (!paid) return bad("payment.unknown");
        const done = paid.refunds[call.refundId] ?? 0;
        if (done > 0) return good({ status: "refunded", fen: done });
        if (paid.status !== "succeeded" || paid.refundedFen + call.fen > paid.fen) {
          return bad("provider.refused");
        }
        paid.refunds[call.refundId] = call.fen;
        paid.refundedFen += call.fen;
        return good({ status: "refunded", fen: call.fen });
      }
      case "query-refund": {
        const fen = paid?.refunds[call.refundId];
        return fen === undefined ? bad("payment.unknown") : good({ status: "refunded", fen });
      }
    }
  }

  /** Closed, and yet the user's bank may be quicker than its word. */
  #close(paymentId: string, paid: Paid): PortAnswer {
    const { faults, time, random } = this.options;
    if (paid.status === "open") {
      paid.status = "closed";
      paid.saidClosed = true;
      if (faults.strikes("paid-after-close")) {
        time.after(random.between(100, LATE_MS_MAX), () => {
          paid.status = "open";
          this.pay(paymentId);
        });
      }
    }
    return good({ status: paid.status, fen: paid.fen });
  }

  #create(call: Extract<ProviderCall, { op: "create" }>, known: Paid | undefined): PortAnswer {
    const { paymentId, fen, by, purpose, contract } = call;
    if (!known) {
      const binding = purpose === "binding";
      this.payments.set(paymentId, {
        status: "open",
        fen,
        by,
        binding,
        refundedFen: 0,
        refunds: {},
      });
      if (contract !== undefined) {
        const ms = this.options.random.between(100, DEBIT_MS_MAX);
        this.options.time.after(ms, () => this.pay(paymentId));
      }
    }
    const paid = this.payments.get(paymentId)!;
    const handoff = { kind: "sandbox" as const, value: paymentId };
    return good({
      status: paid.status,
      fen: paid.fen,
      ...(contract === undefined ? { handoff } : {}),
    });
  }

  /** The user pays, or the bound account is debited; now and then it is declined. */
  pay(paymentId: string): void {
    const paid = this.payments.get(paymentId);
    if (paid?.status !== "open") return;
    const { random, faults, time, say, act } = this.options;
    paid.status = random.next() < 0.9 ? "succeeded" : "failed";
    act();
    say(`${paymentId} has ${paid.status} at the provider`);
    const late = () => random.between(10, faults.strikes("callback-late") ? LATE_MS_MAX : 1_000);
    const { fen, by } = paid;
    const said = { outcome: paid.status, fen, by };
    time.after(late(), () => void this.#report(paymentId, said, 0));
    if (faults.strikes("callback-doubled")) {
      time.after(late(), () => void this.#report(paymentId, said, 0));
    }
    if (!faults.strikes("callback-forged")) return;
    const wrong = random.pick([
      { outcome: "succeeded", fen: fen + 1, by },
      { outcome: "succeeded", fen, by: by === "wechat" ? "alipay" as const : "wechat" as const },
    ]);
    time.after(late(), () => void this.#report(paymentId, wrong, this.#n++));
  }

  /** Again and again until it is taken or refused; `n` tells apart what are two messages. */
  async #report(
    paymentId: string,
    { outcome, fen, by }: { outcome: string; fen: number; by: "wechat" | "alipay" },
    n: number,
  ): Promise<void> {
    const { asker, client, act } = this.options;
    act();
    const contract = this.payments.get(paymentId)!.binding ? { contract: `C-${paymentId}` } : {};
    await asker.insist(client, {
      id: `provider|${by}|${paymentId}-${n}-${outcome}-${fen}`,
      to: { tenant: TENANT, kind: "payment", id: paymentId },
      type: "ProviderReported",
      body: { outcome, fen, providerRef: `ref-${paymentId}`, ...contract },
      principal: { kind: "provider", id: by },
      class: "stop",
    }, CALLBACK_MS_MAX);
  }
}

const isOver = (body: unknown): boolean => (body as ProviderOutcome).status !== "open";
