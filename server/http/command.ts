// The ways of a route to an actor: a command under the request's key, a read with its versions.
import type { Address, Principal, Reply, ServiceClass } from "../../wire/envelope.ts";
import type { Client } from "../ports.ts";
import { type Answer, answered, type Good, no } from "./answer.ts";
import { knows } from "./keys.ts";
import type { Asked } from "./route.ts";

const COMMAND_MS = 20_000; // a start waits for user, pile and wallet; clients give up after 25 s
const MIN_V_MS = 2_000;
const WAIT_V_MS = 25_000;

interface Command {
  to: { kind: string; id: string };
  type: string;
  body?: Record<string, unknown>;
  class?: ServiceClass;
  /** Tells the commands of one request apart where it has several. */
  step?: string;
  /** Instead of the asker's: rights that the action itself brings. */
  principal?: Principal;
}

/** Sends the request's command. A key from another day passes only where it was answered before. */
export async function command(
  client: Client,
  asked: Asked,
  wanted: Command,
): Promise<Reply | null> {
  const to: Address = { tenant: asked.tenant, ...wanted.to };
  const id = wanted.step ? `${asked.commandId}|${wanted.step}` : asked.commandId;
  if (asked.isStale && !await knows(client, to, id, asked.principal)) return null;
  return client.ask({
    id,
    to,
    type: wanted.type,
    body: wanted.body ?? {},
    principal: wanted.principal ?? asked.principal,
    ttlMs: COMMAND_MS,
    cause: `http:${asked.traceId}`,
    correlation: asked.key ? asked.commandId : `http:${asked.traceId}`,
    trace: asked.trace,
    ...(wanted.class ? { class: wanted.class } : {}),
  });
}

export async function commanded(
  client: Client,
  asked: Asked,
  wanted: Command,
  good: (body: unknown, v: number) => Good,
): Promise<Answer> {
  const reply = await command(client, asked, wanted);
  return reply === null ? no("key.clock") : answered(reply, good);
}

interface Look {
  to: { kind: string; id: string };
  name?: string;
  query?: Record<string, unknown>;
}
export interface Versions {
  minV?: number | undefined;
  waitV?: number | undefined;
}

/** Reads one actor; `minV` waits for that version (else `read.behind`), `waitV` for a newer one. */
export async function look(
  client: Client,
  asked: Asked,
  wanted: Look,
  { minV, waitV }: Versions = {},
): Promise<Reply> {
  const wait = waitV !== undefined
    ? { sinceV: waitV, waitMs: WAIT_V_MS }
    : minV !== undefined && minV > 0
    ? { sinceV: minV - 1, waitMs: MIN_V_MS }
    : {};
  const reply = await client.read({
    to: { tenant: asked.tenant, ...wanted.to },
    name: wanted.name ?? "show",
    query: wanted.query ?? {},
    principal: asked.principal,
    trace: asked.trace,
    ...wait,
  });
  if (reply.ok && minV !== undefined && reply.v < minV) {
    const { v, asOf } = reply;
    return { ok: false, v, asOf, refusal: { code: "read.behind", facts: { v, minV } } };
  }
  return reply;
}
