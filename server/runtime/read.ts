// Reads for display: answered from memory, recorded nowhere.
import type { AnyActor } from "../../actors/kit/mod.ts";
import type { Envelope, Reply } from "../../wire/envelope.ts";
import type { Env } from "./env.ts";
import { contextOf, type Head } from "./turn.ts";

export function readAnswer(
  env: Env,
  actor: AnyActor,
  head: Head,
  memory: unknown,
  envelope: Envelope,
): Reply {
  const { v, at: asOf, state } = head.draft;
  const ctx = contextOf(env, head, envelope);
  try {
    const answer = actor.read(envelope.type, state, memory, envelope.body, ctx);
    return "refused" in answer
      ? { ok: false, v, asOf, refusal: answer.refused }
      : { ok: true, v, asOf, body: answer.body };
  } catch (error) {
    env.metrics.count("read_breaches", { kind: envelope.to.kind });
    env.log.error({ ...envelope.to, read: envelope.type, error: String(error) }, "read broke");
    return { ok: false, fault: { code: "unavailable" } };
  }
}
