// Idempotency keys at the edge: present, a ULID, and not from another day unless it is known.
import { timeOfUlid, ulid } from "../../wire/ids.ts";
import type { Address, Principal } from "../../wire/envelope.ts";
import type { Client } from "../ports.ts";
import { type No, no } from "./answer.ts";
import type { KeyRule } from "./route.ts";

const KEY_MS_OFF_MAX = 24 * 3_600_000; // as long as actors remember the keys of people

export interface KeyCheck {
  key: string;
  /** Over a day off: only good where its actor already knows it. */
  isStale: boolean;
}

export function checkKey(rule: KeyRule, header: string | undefined, now: number): KeyCheck | No {
  if (rule === "exempt") return { key: "", isStale: false };
  if (header === undefined || header === "") return no("key.missing");
  if (!ulid.safeParse(header).success) return no("key.malformed", { expected: "ULID" });
  const offMs = Math.abs(now - timeOfUlid(header));
  return { key: header, isStale: rule !== "timeless" && offMs > KEY_MS_OFF_MAX };
}

/** The id under which actors hear of a request; a repeat has the same. */
export const commandIdOf = (
  tenant: string,
  principal: Principal,
  route: string,
  key: string,
): string => `${tenant}|${principal.kind}:${principal.id}|${route}|${key}`;

/** No actor has a command of this name: it is only ever recognised or turned away. */
const PROBE = "$known";

/**
 * Does the actor still hold the answer to this command? Asked only for stale keys. Actors look at ids
 * before anything else: a known one under another body is `key.reused`, and nothing is recorded.
 */
export async function knows(
  client: Client,
  to: Address,
  id: string,
  principal: Principal,
): Promise<boolean> {
  const reply = await client.ask({ id, to, type: PROBE, body: {}, principal });
  return !reply.ok && "refusal" in reply && reply.refusal.code === "key.reused";
}
