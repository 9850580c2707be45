// Orders of the platform to a native pile: signed for that pile and that link, sent, and their answers.
import { createPrivateKey, type KeyObject, sign } from "node:crypto";
import { headers, NoRespondersError, RequestError } from "@nats-io/nats-core";
import type { MsgHdrs, NatsConnection } from "@nats-io/nats-core";
import { deviceAskAnswer, type DeviceCommand, deviceCommandAnswer } from "../../wire/native.ts";
import type { DeviceOutcome } from "../../wire/pile.ts";
import { signedBytes } from "../../wire/signing.ts";
import { deviceDown } from "../../wire/subjects.ts";
import { TRACEPARENT } from "../../wire/trace.ts";
import type { DeviceAnswer, PileOrder } from "../device-call.ts";
import type { Clock } from "../ports.ts";
import { decode } from "./decode.ts";

interface Pile {
  readonly tenant: string;
  readonly pileId: string;
  readonly linkEpoch: number;
}
export interface Sender {
  connection: NatsConnection;
  platformKey: KeyObject;
  answerMs: number;
  bytesMax: number;
  clock: Clock;
}

/** Counted from receipt: a start that a pile could not begin by then is for another time. */
const START_MS_MAX = 10_000;
/** What only lowers risk, or waits for nobody, may be late. */
const ANY_MS_MAX = 60_000;

export const keyOf = (pem: string): KeyObject => createPrivateKey(pem);

const body = (outcome: DeviceOutcome): DeviceAnswer => ({ ok: true, body: outcome });
const no = (code: "outcome.unknown" | "link.gone"): DeviceAnswer => (
  { ok: false, refusal: { code, facts: {} } }
);

export async function sendOrder(
  sender: Sender,
  pile: Pile,
  order: PileOrder,
  trace?: string,
): Promise<DeviceAnswer> {
  if (order.kind === "ask") return await askStatus(sender, pile);
  const command = signed(sender, pile, commandOf(order, pile.linkEpoch, sender.clock.now()));
  for (let tries = 1;; tries++) {
    const data = await request(sender, pile, "cmd", command, trace);
    if (!(data instanceof Uint8Array)) return data;
    const answer = decode(deviceCommandAnswer, data, sender.bytesMax);
    if (!answer.ok || answer.value.id !== order.id) return no("outcome.unknown");
    const { outcome, code } = answer.value;
    if (outcome !== "refused" || code !== OTHER_EPOCH) {
      return body({ outcome, ...(code === undefined ? {} : { code }) });
    }
    if (tries === EPOCH_TRIES) return no("link.gone");
    await new Promise<void>((done) => sender.clock.after(EPOCH_MS, done));
  }
}

/** What a pile says, and does not remember, of a command that is not of its link's epoch. */
const OTHER_EPOCH = "epoch";
/** Its boot answer lies before the command in the socket, and is looked at within this. */
const EPOCH_TRIES = 4;
const EPOCH_MS = 200;

type Unsigned = Omit<DeviceCommand, "sig">;
export function commandOf(
  order: Exclude<PileOrder, { kind: "ask" }>,
  linkEpoch: number,
  issuedAt: number,
): Unsigned {
  const head = { id: order.id, linkEpoch, kind: order.kind, issuedAt };
  switch (order.kind) {
    case "start": {
      const { connector, orderId, limit, holdFen } = order;
      return { ...head, connector, orderId, args: { limit, holdFen }, notAfterMs: START_MS_MAX };
    }
    case "stop": {
      const { connector, orderId } = order;
      const what = orderId === undefined ? { connector } : { connector, orderId };
      return { ...head, ...what, args: {}, notAfterMs: ANY_MS_MAX };
    }
    case "unlock":
      return { ...head, connector: order.connector, args: {}, notAfterMs: START_MS_MAX };
    case "lock": {
      const { connector, to } = order;
      return { ...head, connector, args: { to }, notAfterMs: START_MS_MAX };
    }
    case "reboot":
      return { ...head, args: {}, notAfterMs: ANY_MS_MAX };
  }
}

export function signed(
  { platformKey }: Pick<Sender, "platformKey">,
  pile: Pile,
  command: Unsigned,
): DeviceCommand {
  const sig = sign(null, signedBytes(command, pile), platformKey).toString("base64url");
  return { ...command, sig };
}

async function askStatus(sender: Sender, pile: Pile): Promise<DeviceAnswer> {
  const data = await request(sender, pile, "ask", { what: "status" });
  if (!(data instanceof Uint8Array)) return data;
  const answer = decode(deviceAskAnswer, data, sender.bytesMax);
  if (!answer.ok) return no("outcome.unknown");
  return body({
    outcome: "told",
    connectors: answer.value.connectors.map(({ status, orderId, registerWh, lock }, i) => ({
      no: i + 1,
      // no energy flows at a faulted connector
      state: status === "faulted" ? "idle" : status,
      ...(orderId === undefined ? {} : { orderId }),
      registerWh,
      ...(lock === undefined ? {} : { lock }),
    })),
  });
}

async function request(
  { connection, answerMs }: Sender,
  { tenant, pileId }: Pile,
  what: "cmd" | "ask",
  data: unknown,
  trace?: string,
): Promise<Uint8Array | DeviceAnswer> {
  try {
    const subject = deviceDown(tenant, pileId, what);
    const options = { timeout: answerMs, ...traced(trace) };
    const message = await connection.request(subject, JSON.stringify(data), options);
    return message.data;
  } catch (cause) {
    return no(isNobody(cause) ? "link.gone" : "outcome.unknown");
  }
}

function traced(trace: string | undefined): { headers?: MsgHdrs } {
  if (trace === undefined) return {};
  const marks = headers();
  marks.set(TRACEPARENT, trace);
  return { headers: marks };
}

/** The server itself says that the pile does not listen: surely not delivered. */
const isNobody = (cause: unknown): boolean =>
  cause instanceof NoRespondersError ||
  (cause instanceof RequestError && cause.isNoResponders());
