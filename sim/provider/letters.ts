// Callbacks: signed, sent until the platform says that it has recorded them, over restarts as well.
import { randomUUID } from "node:crypto";
import type { Notification, Transaction } from "../../wire/foreign/pay/wechat-v3.ts";
import { notificationAnswer } from "../../wire/foreign/pay/wechat-v3.ts";
import type { ProviderCrypto } from "./crypto.ts";
import type { MischiefQueue } from "./mischief.ts";
import type { Letter, Pact, Store, Trade } from "./store.ts";

/** WeChat's own schedule runs over 24 h; a sandbox's users do not wait that long. */
const RETRY_MS = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000];
const SEND_MS = 10_000;
const LATE_MS = 20_000;
const TICK_MS = 250;

export interface Postman {
  tradeChanged(trade: Trade): void;
  pactChanged(pact: Pact): void;
  /** A stranger's claim that the trade was paid. */
  forge(trade: Trade): void;
  stop(): void;
}
interface Deps {
  store: Store;
  crypto: ProviderCrypto;
  mischief: MischiefQueue;
  now(): number;
}

export function startPostman(deps: Deps): Postman {
  const { store, crypto, mischief, now } = deps;
  const busy = new Set<string>();
  let isStopped = false;

  async function deliver(letter: Letter): Promise<void> {
    busy.add(letter.id);
    const tries = letter.tries + 1;
    const isHeard = await send(letter.url, JSON.stringify(letter.body), crypto.sign);
    if (isStopped) return; // said again at the next start
    const pause = RETRY_MS[letter.tries];
    const isDone = isHeard || pause === undefined;
    store.put({ ...letter, tries, isDone, dueAt: now() + (pause ?? 0) });
    busy.delete(letter.id);
  }
  function post(url: string, body: Notification): void {
    const mishap = mischief.ofLetter();
    const sent = mishap === "wrong-amount" ? withOtherAmount(body) : body;
    const dueAt = now() + (mishap === "late" ? LATE_MS : 0);
    const letter = { kind: "letter" as const, url, tries: 0, dueAt, isDone: false };
    store.put({ ...letter, id: body.id, body: sent });
    if (mishap === "double") store.put({ ...letter, id: `${body.id}-again`, body: sent });
    if (mishap === "wrong-amount") {
      // The truth follows, as a notification of its own.
      const id = randomUUID();
      const later = now() + RETRY_MS[2]!;
      store.put({ ...letter, id, body: { ...body, id }, dueAt: later });
    }
    look();
  }
  function look(): void {
    for (const letter of store.letters()) {
      if (letter.dueAt <= now() && !busy.has(letter.id)) void deliver(letter);
    }
  }
  const timer = setInterval(look, TICK_MS);
  return {
    tradeChanged: (trade) => post(trade.notifyUrl, aboutTrade(trade, now())),
    pactChanged: (pact) => post(pact.notifyUrl, aboutPact(pact, now())),
    forge(trade) {
      const claim: Trade = { ...trade, state: "SUCCESS", transactionId: "forged" };
      void send(trade.notifyUrl, JSON.stringify(aboutTrade(claim, now())), crypto.forge);
    },
    stop() {
      isStopped = true;
      clearInterval(timer);
    },
  };
}

async function send(
  url: string,
  body: string,
  sign: (body: string) => Record<string, string>,
): Promise<boolean> {
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...sign(body) },
      body,
      redirect: "error",
      signal: AbortSignal.timeout(SEND_MS),
    });
    const said = notificationAnswer.safeParse(JSON.parse(await answer.text()));
    return answer.status === 200 && said.data?.code === "SUCCESS";
  } catch {
    return false;
  }
}

function aboutTrade(trade: Trade, now: number): Notification {
  const data = transactionOf(trade);
  const type = trade.state === "NOTPAY" ? "PAYERROR" : trade.state;
  return {
    id: randomUUID(),
    create_time: new Date(now).toISOString(),
    event_type: `TRANSACTION.${type}`,
    resource: { original_type: "transaction", data },
  };
}
function aboutPact(pact: Pact, now: number): Notification {
  const { id, contractId, state, attach } = pact;
  return {
    id: randomUUID(),
    create_time: new Date(now).toISOString(),
    event_type: state === "ACTIVE" ? "PAPAY.SIGN" : "PAPAY.TERMINATE",
    resource: {
      original_type: "papay",
      data: {
        out_contract_code: id,
        ...(contractId === undefined ? {} : { contract_id: contractId }),
        contract_state: state,
        attach,
      },
    },
  };
}
function withOtherAmount(body: Notification): Notification {
  if (body.resource.original_type !== "transaction") return body;
  const { data } = body.resource;
  const total = (data.amount?.total ?? 0) + 1;
  const wrong = { ...data, amount: { total, currency: "CNY" } };
  return { ...body, resource: { original_type: "transaction", data: wrong } };
}

export function transactionOf(trade: Trade): Transaction {
  const { id, state, attach, fen, transactionId, paidAt, refunds } = trade;
  return {
    out_trade_no: id,
    ...(transactionId === undefined ? {} : { transaction_id: transactionId }),
    trade_state: state === "SUCCESS" && refunds.length > 0 ? "REFUND" : state,
    attach,
    amount: { total: fen, currency: "CNY" },
    ...(paidAt === undefined ? {} : { success_time: new Date(paidAt).toISOString() }),
  };
}
