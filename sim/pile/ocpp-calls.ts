// What an OCPP pile answers when the central system asks or orders something.
import type { PileCore } from "./core.ts";
import type { CommandResult } from "./gates.ts";
import { changeConfiguration, getConfiguration, secondsOf } from "./ocpp-config.ts";
import type { OcppMemory } from "./ocpp-queue.ts";
import { CallError, type Payload } from "./ocpp-socket.ts";

export interface OcppHost {
  readonly core: PileCore;
  readonly memory: OcppMemory;
  reboot(hard: boolean): void;
  /** Sends what was asked for, after the answer. */
  trigger(message: string, connector: number | undefined): boolean;
  /** Tells the present status of a connector. */
  showStatus(connector: number): void;
}

/** Null: no answer at all. */
type Answer = Payload | null;

function answerOf(result: CommandResult): Answer {
  if (result.outcome === "silent") return null;
  return { status: result.outcome === "accepted" ? "Accepted" : "Rejected" };
}

const numberOf = (value: unknown): number | undefined =>
  typeof value === "number" ? value : undefined;

function remoteStart({ core, memory }: OcppHost, payload: Payload): Answer {
  const free = core.memory.connectors.find((one) => one.plugged && one.charge === null);
  const connector = numberOf(payload.connectorId) ?? free?.no ?? 1;
  if (memory.unavailable.includes(connector)) return { status: "Rejected" };
  const idTag = String(payload.idTag);
  const waitMs = secondsOf(memory, "ConnectionTimeOut") * 1_000;
  return answerOf(core.once(undefined, () => core.start({ connector, idTag, limit: {}, waitMs })));
}

function remoteStop({ core, memory }: OcppHost, payload: Payload): Answer {
  const local = Object.keys(memory.transactions).find((name) =>
    memory.transactions[name] === payload.transactionId
  );
  const connector = Object.keys(memory.running).find((no) => memory.running[no] === local);
  if (local === undefined || connector === undefined) return { status: "Rejected" };
  const stop = () => core.stop({ connector: Number(connector), reason: "remote" });
  return answerOf(core.once(undefined, stop));
}

function reset({ reboot }: OcppHost, payload: Payload): Answer {
  reboot(payload.type === "Hard");
  return { status: "Accepted" };
}

function unlock({ core }: OcppHost, payload: Payload): Answer {
  const connector = numberOf(payload.connectorId) ?? 1;
  if (!core.memory.connectors.some(({ no }) => no === connector)) return { status: "NotSupported" };
  core.stop({ connector, reason: "unlock" });
  return { status: "Unlocked" };
}

function changeAvailability(host: OcppHost, payload: Payload): Answer {
  const { core, memory } = host;
  const asked = numberOf(payload.connectorId) ?? 0;
  const all = core.memory.connectors.filter(({ no }) => asked === 0 || no === asked);
  const numbers = all.map(({ no }) => no);
  const others = memory.unavailable.filter((no) => !numbers.includes(no));
  memory.unavailable = payload.type === "Inoperative" ? [...others, ...numbers] : others;
  for (const no of numbers) host.showStatus(no);
  return { status: all.some(({ charge }) => charge !== null) ? "Scheduled" : "Accepted" };
}

function triggerMessage(host: OcppHost, payload: Payload): Answer {
  const connector = numberOf(payload.connectorId);
  const known = host.trigger(String(payload.requestedMessage), connector);
  return { status: known ? "Accepted" : "NotImplemented" };
}

const ANSWERS: Record<string, (host: OcppHost, payload: Payload) => Answer> = {
  RemoteStartTransaction: remoteStart,
  RemoteStopTransaction: remoteStop,
  Reset: reset,
  UnlockConnector: unlock,
  ChangeAvailability: changeAvailability,
  TriggerMessage: triggerMessage,
  GetConfiguration: ({ memory }, payload) => getConfiguration(memory, payload),
  ChangeConfiguration: ({ memory }, payload) => changeConfiguration(memory, payload),
  ClearCache: () => ({ status: "Accepted" }),
  DataTransfer: (_host, { vendorId }) => ({
    status: vendorId === "Chargeward" ? "Accepted" : "UnknownVendorId",
  }),
};

export function answerCall(host: OcppHost, action: string, payload: Payload): Answer {
  const answer = Object.hasOwn(ANSWERS, action) ? ANSWERS[action] : undefined;
  if (answer === undefined) throw new CallError("NotImplemented", `cannot do ${action}`);
  return answer(host, payload);
}
