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

type Late = (answer: DeviceAnswer) => void;

export class Orders {
  /** When this link last began something at the pile, and when it was last asked what runs. */
  #startedAt = -Infinity;
  #askedAt = -Infinity;
  readonly #waiting = new Map<number, Set<() => void>>();

  constructor(
    readonly link: PileLink,
    readonly calls: PileCallsOut,
    readonly clock: Clock,
    readonly settings: OcppSettings,
  ) {}

  /** Whether an order of unknown outcome may be sent again: the platform has asked since. */
  get askedSince(): boolean {
    return this.#askedAt > this.#startedAt;
  }
  onStatus(connector: number): void {
    for (const wake of this.#waiting.get(connector) ?? []) wake();
  }

  perform(order: PileOrder, late: Late): Promise<DeviceAnswer> {
    switch (order.kind) {
      case "start": {
        this.#startedAt = this.clock.tick();
        const { connector: connectorId, idTag } = order;
        return this.#plain("RemoteStartTransaction", { connectorId, idTag }, late);
      }
      case "stop": {
        const transactionId = order.txId ?? this.link.seen.get(order.connector)?.txId;
        if (transactionId === undefined) {
          return Promise.resolve(body({ outcome: "refused", code: "no-transaction" }));
        }
        return this.#plain("RemoteStopTransaction", { transactionId }, late, true);
      }
      case "unlock":
        return this.#plain("UnlockConnector", { connectorId: order.connector }, late);
      case "lock": // the protocol has no word for it: such a bay's lock is its maker's
        return Promise.resolve(body({ outcome: "refused", code: "no-lock" }));
      case "reboot":
        return this.#plain("Reset", { type: "Soft" }, late);
      case "ask":
        return this.#told();
    }
  }

  async #plain(
    action: CentralAction,
    payload: Payload,
    late: Late,
    urgent = false,
  ): Promise<DeviceAnswer> {
    const options = { urgent, late: (outcome: CallOutcome) => late(answerOf(outcome)) };
    return answerOf(await this.calls.ask(action, payload, options));
  }

  async #told(): Promise<DeviceAnswer> {
    const asked = this.clock.tick();
    const numbers = await numbersOf(this.link);
    const what = { requestedMessage: "StatusNotification" };
    const answer = await this.calls.ask("TriggerMessage", what);
    if (answer.is === "unsent" && answer.why === "gone") return gone;
    if (answer.is === "result" && answer.payload["status"] === "Accepted") {
      await Promise.all(numbers.map((no) => this.#statusAfter(no, asked)));
      // The registers come by themselves as MeterValues; the answer does not wait for them.
      void this.calls.ask("TriggerMessage", { requestedMessage: "MeterValues" });
    }
    this.#askedAt = this.clock.tick();
    const since = Math.max(this.#startedAt, BEFORE_ALL);
    const connectors = numbers.map((no) => rowOf(no, this.link.seen.get(no), since));
    return body({ outcome: "told", connectors });
  }

  /** Resolves when a status of that connector came after `asked`, or the time for it is over. */
  #statusAfter(no: number, asked: number): Promise<void> {
    return new Promise((done) => {
      const wakes = this.#waiting.get(no) ?? new Set();
      this.#waiting.set(no, wakes);
      const end = () => {
        timer.cancel();
        wakes.delete(wake);
        done();
      };
      const wake = () => {
        if ((this.link.seen.get(no)?.statusAt ?? BEFORE_ALL) >= asked) end();
      };
      const timer = this.clock.after(this.settings.statusMs, end);
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
