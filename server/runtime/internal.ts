// Commands of an actor to itself: an answer came, a timer fired, a signal asks for something.
import type { Envelope, OutItem, Principal } from "../../wire/envelope.ts";
import { type PortAnswer, systemPrincipal } from "./env.ts";
import { nameOf, type Place } from "../routing/mod.ts";
import type { DueTimer } from "./timers.ts";

const TTL_MS = 0; // its time is kept by the mailbox, not by a caller

function command(
  { address }: Place,
  more: {
    id: string;
    type: string;
    body: Record<string, unknown>;
    principal: Principal;
    correlation: string;
    trace?: string | undefined;
  },
): Envelope {
  const { trace, ...rest } = more;
  return {
    ...rest,
    to: address,
    cause: more.id,
    ...(trace === undefined ? {} : { trace }),
    ttlMs: TTL_MS,
    bodyHash: "",
    class: "order",
  };
}

export function answerCommand(place: Place, item: OutItem, answer: PortAnswer): Envelope {
  return command(place, {
    id: item.id,
    type: item.onReply!,
    body: { ref: item.ref ?? {}, answer },
    principal: systemPrincipal("outbox"),
    correlation: item.correlation,
    trace: item.trace,
  });
}

export function timerCommand(place: Place, { name, recordId }: DueTimer): Envelope {
  const id = `${nameOf(place.address)}#${recordId}.${name}`;
  return command(place, {
    id,
    type: "TimerFired",
    body: { name },
    principal: systemPrincipal("timer"),
    correlation: id,
  });
}

export function signalCommand(place: Place, v: number, type: string, body: object): Envelope {
  const id = `${nameOf(place.address)}#${v}.${type}`;
  return command(place, {
    id,
    type,
    body: { ...body },
    principal: systemPrincipal("signal"),
    correlation: id,
  });
}
