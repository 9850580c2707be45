// Orders of the platform to an OCPP pile: which question of ours each one is, what its answer means, and
// what may be said of connectors when the platform asks what runs there.
import type { DeviceOutcome } from "../../wire/pile.ts";
import type { CentralAction } from "../../wire/foreign/ocpp16/payloads.ts";
import type { Payload } from "../../wire/foreign/ocpp16/frames.ts";
import type { DeviceAnswer, PileOrder } from "../device-call.ts";
import type { Clock } from "../ports.ts";
import type { CallOutcome, PileCallsOut } from "./calls.ts";
import type { ConnectorSeen, OcppSettings, PileLink } from "./ports.ts";
import { statuses } from "./words.ts";

export interface Orders {
  perform(order: PileOrder, late: (answer: DeviceAnswer) => void): Promise<DeviceAnswer>;
  /** Whether an order of unknown outcome may be sent again: the platform has asked since. */
  askedSince(): boolean;
  onStatus(connector: number): void;
}

const body = (outcome: DeviceOutcome): DeviceAnswer => ({ ok: true, body: outcome });
const unknown: DeviceAnswer = { ok: false, refusal: { code: "outcome.unknown", facts: {} } };
const gone: DeviceAnswer = { ok: false, refusal: { code: "link.gone", facts: {} } };

type Row = NonNullable<DeviceOutcome["connectors"]>[number];
/** `statusAt` of a connector that has shown nothing. */
const BEFORE_ALL = -1;

/** Statuses of a question's answer that mean yes. */
const yes = new Set(["Accepted", "Unlocked", "Scheduled"]);

/** `Rejected` -> `rejected`, `UnlockFailed` -> `unlock-failed`: a pile's no, as a code. */
const codeOf = (word: string): string =>
  word.replace(/([a-z])([A-Z])/g, "$1-$2").toLowerCase().slice(0, 80);

export function answerOf(outcome: CallOutcome): DeviceAnswer {
  switch (outcome.is) {
    case "unknown":
      return unknown;
    case "unsent":
      return outcome.why === "gone" ? gone : body({ outcome: "refused", code: "busy" });
    case "error":
      return body({ outcome: "refused", code: codeOf(outcome.code) });
    case "result": {
      const status = String(outcome.payload["status"]);
      return body(
        yes.has(status) ? { outcome: "accepted" } : { outcome: "refused", code: codeOf(status) },
      );
    }
  }
}

export function ordersTo(
  link: PileLink,
  calls: PileCallsOut,
  clock: Clock,
  settings: OcppSettings,
): Orders {
  let startedAt = -Infinity; // when this link last began something at the pile
  let askedAt = -Infinity;
  const waiting = new Map<number, Set<() => void>>();

  const plain = async (
    action: CentralAction,
    payload: Payload,
    late: (answer: DeviceAnswer) => void,
    urgent = false,
  ) => answerOf(await calls.ask(action, payload, { urgent, late: (o) => late(answerOf(o)) }));

  return {
    askedSince: () => askedAt > startedAt,
    onStatus(connector) {
      for (const wake of waiting.get(connector) ?? []) wake();
    },
    perform(order, late) {
      switch (order.kind) {
        case "start": {
          startedAt = clock.tick();
          const { connector: connectorId, idTag } = order;
          return plain("RemoteStartTransaction", { connectorId, idTag }, late);
        }
        case "stop": {
          const transactionId = order.txId ?? link.seen.get(order.connector)?.txId;
          if (transactionId === undefined) {
            return Promise.resolve(body({ outcome: "refused", code: "no-transaction" }));
          }
          return plain("RemoteStopTransaction", { transactionId }, late, true);
        }
        case "unlock":
          return plain("UnlockConnector", { connectorId: order.connector }, late);
        case "reboot":
          return plain("Reset", { type: "Soft" }, late);
        case "ask":
          return told();
      }
    },
  };

  async function told(): Promise<DeviceAnswer> {
    const asked = clock.tick();
    const connectors = await numbersOf(link);
    const answer = await calls.ask("TriggerMessage", { requestedMessage: "StatusNotification" });
    const trigger = answer.is === "result" && answer.payload["status"] === "Accepted";
    if (trigger) {
      await Promise.all(connectors.map((no) => statusAfter(no, asked)));
      // The registers come by themselves as MeterValues; the answer does not wait for them.
      void calls.ask("TriggerMessage", { requestedMessage: "MeterValues" });
    } else if (answer.is === "unsent" && answer.why === "gone") return gone;
    askedAt = clock.tick();
    const since = Math.max(startedAt, BEFORE_ALL);
    return body({
      outcome: "told",
      connectors: connectors.map((no) => rowOf(no, link.seen.get(no), since)),
    });
  }

  /** Resolves when a status of that connector came after `asked`, or the time for it is over. */
  function statusAfter(no: number, asked: number): Promise<void> {
    return new Promise((done) => {
      const wakes = waiting.get(no) ?? new Set();
      waiting.set(no, wakes);
      const end = () => {
        timer.cancel();
        wakes.delete(wake);
        done();
      };
      const wake = () => {
        if ((link.seen.get(no)?.statusAt ?? -1) >= asked) end();
      };
      const timer = clock.after(settings.statusMs, end);
      wakes.add(wake);
      wake();
    });
  }
}

/**
 * A status counts when it came after the question, or under this link after the last start that was sent
 * over it: an older one may have been overtaken by that start, and proves nothing.
 */
function rowOf(no: number, seen: ConnectorSeen | undefined, since: number): Row {
  const known = seen?.status !== undefined && seen.statusAt > since;
  const state = known ? statuses[seen.status!].runs : "unknown";
  return {
    no,
    state,
    ...(known && state === "charging" && seen.txId !== undefined ? { txId: seen.txId } : {}),
    ...(seen?.registerWh === undefined ? {} : { registerWh: seen.registerWh }),
  };
}

/** Connectors of the pile: as registered, and as this link has seen. */
async function numbersOf(link: PileLink): Promise<number[]> {
  const view = await link.show() as { connectors?: { no: number }[] } | null;
  const numbers = new Set<number>(view?.connectors?.map(({ no }) => no) ?? []);
  for (const no of link.seen.keys()) if (no > 0) numbers.add(no);
  return [...numbers].sort((a, b) => a - b);
}
