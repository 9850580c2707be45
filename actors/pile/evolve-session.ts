// Folds the events by which sessions begin, change hands and end: they touch the pile's memory too.
import { assert } from "../kit/assert.ts";
import type { EventOf, PileEvent } from "./events.ts";
import { type Moment, stopDue } from "./evolve-connector.ts";
import {
  type Connector,
  type FailedStart,
  LEFT_MAX,
  type Owner,
  type Registered,
  RETIRED_MAX,
  type Session,
  type Transaction,
  TRANSACTIONS_MAX,
  type Use,
  WAITING_MAX,
} from "./state.ts";

type Evolver<T extends PileEvent["type"]> = (
  state: Registered,
  event: EventOf<T>,
  moment: Moment,
) => Registered;

const change = (state: Registered, no: number, to: (one: Connector) => Connector): Registered => ({
  ...state,
  connectors: state.connectors.map((one) => one.no === no ? to(one) : one),
});
const inSession = (
  state: Registered,
  no: number,
  txId: number,
  to: (session: Session) => Session,
): Registered => ({
  ...change(state, no, (one) => {
    const { use } = one;
    const here = (use.status === "charging" || use.status === "stopping") &&
      use.session.txId === txId;
    return here ? { ...one, use: { ...use, session: to(use.session) } } : one;
  }),
  left: state.left.map((left) =>
    left.session.txId === txId ? { ...left, session: to(left.session) } : left
  ),
});

/** Open ones always stay; of the ended ones the newest. */
function bounded(transactions: readonly Transaction[]): Transaction[] {
  let over = transactions.length - TRANSACTIONS_MAX;
  return transactions.filter(({ status }) => !(over > 0 && status === "ended" && over-- > 0));
}
const withTransaction = (
  state: Registered,
  txId: number,
  to: (transaction: Transaction) => Transaction,
): Registered => ({
  ...state,
  transactions: state.transactions.map((one) => one.txId === txId ? to(one) : one),
});

const started: Evolver<"ChargeStarted"> = (state, event) => {
  const { connector: no, txId, owner, tag, reading, clockOffsetMs, toldAt, toldWh, answer } = event;
  const transactions = bounded([
    ...state.transactions,
    {
      txId,
      connector: no,
      orderId: owner.orderId,
      tag,
      toldAt,
      registerWh: toldWh,
      status: "open",
      answer,
      waiting: event.waiting === undefined ? [] : [event.waiting],
    },
  ]);
  const next = { ...state, transactions, nextTx: Math.max(state.nextTx, txId + 1) };
  return change(next, no, (one) => {
    const from = one.use.status === "starting" ? one.use : null;
    const session: Session = {
      txId,
      owner,
      tag,
      tariff: from?.tariff ?? state.tariff,
      startAt: reading.at,
      startRegisterWh: reading.wh,
      clockOffsetMs,
      segments: [],
      limit: owner.by === "order" && from ? from.limit : {},
      holdFen: owner.by === "order" && from ? from.holdFen : null,
      latest: {},
      doubt: null,
    };
    return { ...one, use: { status: "charging", session, check: false, idleSeen: 0 } };
  });
};

/** An order's own session is over with its end; another one's end does not speak for it. */
const stillToProve = (owner: Owner): FailedStart | null =>
  owner.by === "nobody" && owner.failed && owner.failed.orderId !== owner.orderId
    ? owner.failed
    : null;

const ended: Evolver<"ChargeEnded"> = (state, event, { at }) => {
  const { connector: no, txId, owner, registerWh, endedAt, left, unplugged } = event;
  const next = withTransaction(state, txId, (one) => ({
    ...one,
    status: "ended",
    endedWh: registerWh,
    endedAt,
    ...(unplugged ? { pulled: true as const } : {}),
  }));
  const over = { ...next, transactions: bounded(next.transactions) };
  if (left) {
    return { ...over, left: over.left.filter(({ session }) => session.txId !== txId) };
  }
  return change(over, no, (one) => {
    const userId = owner.by === "nobody" ? null : owner.userId;
    const stays = one.plugged === true && !unplugged;
    const failed = stillToProve(owner);
    const use: Use = failed
      ? { status: "undoing", failed, since: at, stop: stopDue("platform") }
      : stays
      ? { status: "occupied", userId }
      : { status: "free" };
    return { ...one, plugged: unplugged ? false : one.plugged, use };
  });
};

const failed: Evolver<"StartFailed"> = (state, event, { at }) => {
  const { connector: no, failed, proven } = event;
  const one = state.connectors.find((connector) => connector.no === no);
  assert(one?.use.status === "starting", "a start that failed was under way");
  const { tag } = one.use;
  const entry = { orderId: failed.orderId, tag, connector: no };
  const retired = [...state.retired, entry].slice(-RETIRED_MAX);
  return change({ ...state, retired }, no, (connector) => ({
    ...connector,
    use: proven
      ? { status: "free" }
      : { status: "undoing", failed, since: at, stop: stopDue("platform") },
  }));
};

export const evolveSession = {
  StartFailed: failed,
  ChargeEnded: ended,
  ChargeStarted: started,
  TransactionNoted: (state, { connector, txId, tag, toldAt, toldWh }) => ({
    ...state,
    nextTx: Math.max(state.nextTx, txId + 1),
    transactions: bounded([...state.transactions, {
      txId,
      connector,
      orderId: null,
      tag,
      toldAt,
      registerWh: toldWh,
      status: "ended",
      answer: { txId, accepted: false, why: "invalid" },
      waiting: [],
    }]),
  }),
  CardWaited: (state, { txId, commandId }) =>
    withTransaction(state, txId, (one) => ({
      ...one,
      waiting: [...one.waiting, commandId].slice(-WAITING_MAX),
    })),
  CardAccepted: (state, { connector, txId, orderId, holdFen, answer }) =>
    inSession(
      withTransaction(state, txId, (one) => ({ ...one, answer, waiting: [] })),
      connector,
      txId,
      (session) => {
        const { owner } = session;
        if (owner.by !== "card") return session;
        return { ...session, owner: { by: "order", orderId, userId: owner.userId }, holdFen };
      },
    ),
  CardRefused: (state, { connector, txId, orderId, why, wh, answer }) => {
    const answered = withTransaction(state, txId, (one) => ({ ...one, answer, waiting: [] }));
    const counted = change(answered, connector, (one) => ({
      ...one,
      unattributedWh: one.unattributedWh + wh,
    }));
    return inSession(counted, connector, txId, (session) => ({
      ...session,
      owner: { by: "nobody", orderId, why, failed: null },
      segments: [],
    }));
  },
  ChargeLeft: (state, { connector: no, ceilingWh, last }) => {
    const one = state.connectors.find((connector) => connector.no === no);
    assert(
      one?.use.status === "charging" || one?.use.status === "stopping",
      "a session that is left was running",
    );
    const { session } = one.use;
    const left = [...state.left, { connector: no, session, last, ceilingWh }];
    assert(left.length <= LEFT_MAX, "sessions without an end report are bounded");
    return change({ ...state, left }, no, (connector) => ({
      ...connector,
      use: { status: "free" },
    }));
  },
} satisfies { [T in PileEvent["type"]]?: Evolver<T> };
