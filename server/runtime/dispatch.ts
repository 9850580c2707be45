// One try to deliver one effect: a command to another actor, or a call to the world.
import type { Envelope, OutItem, Reply } from "../../wire/envelope.ts";
import { type Env, type PortAnswer, traced } from "./env.ts";
import { bodyHash, nameOf, type Place } from "../routing/mod.ts";

/** Null: no answer worth the name, try again. */
export async function dispatch(
  env: Env,
  place: Place,
  item: OutItem,
  attempt: number,
): Promise<PortAnswer | null> {
  const { message, lane } = item;
  const name = message.to === "port" ? `call ${message.port}` : `tell ${message.type}`;
  const facts = { "item.id": item.id, lane, attempt };
  return await traced(env, item.trace, name, facts, (trace) => {
    return delivered(env, place, trace === undefined ? item : { ...item, trace }, attempt);
  });
}

async function delivered(
  env: Env,
  place: Place,
  item: OutItem,
  attempt: number,
): Promise<PortAnswer | null> {
  const { id, lane, at, correlation, trace, message } = item;
  if (message.to === "actor") return answerOf(await env.ask(envelopeOf(env, place, item)));
  const handler = env.ports[message.port];
  if (!handler) return null;
  try {
    return await handler({
      id,
      lane,
      at,
      attempt,
      correlation,
      port: message.port,
      from: place.address,
      body: message.body,
      ...(trace === undefined ? {} : { trace }),
    });
  } catch (error) {
    env.log.warn({ port: message.port, id, attempt, error: String(error) }, "call failed");
    return null;
  }
}

/** A refusal is an answer, a fault is none. */
function answerOf(reply: Reply): PortAnswer | null {
  if ("fault" in reply) return null;
  return reply.ok ? { ok: true, body: reply.body } : { ok: false, refusal: reply.refusal };
}

function envelopeOf(env: Env, place: Place, item: OutItem): Envelope {
  const message = item.message as Extract<OutItem["message"], { to: "actor" }>;
  const sender = nameOf(place.address);
  return {
    id: item.id,
    to: message.address,
    type: message.type,
    body: message.body,
    principal: { kind: "actor", id: sender },
    cause: item.id,
    correlation: item.correlation,
    ...(item.trace === undefined ? {} : { trace: item.trace }),
    ttlMs: env.limits.tellTtlMs,
    bodyHash: bodyHash(message.type, message.body),
    class: "order",
    from: { sender, n: item.n, ...(message.last ? { last: true } : {}) },
  };
}
