// A lock maker's platform behind the port, by HTTP (docs/lock-partners.md): one order or question, signed,
// and what its answer means. Whatever is not sure is no answer: the lock's actor asks.
import type { LockAnswer, LockCall } from "../../wire/lock.ts";
import {
  LOCK_HEADERS,
  lockOrderAnswer,
  lockRefusal,
  lockStatus,
} from "../../wire/foreign/lock/v1.ts";
import { type Answer, type Guard, json, type Send, SurelyNot, Unknown } from "../outward-call.ts";
import type { Clock } from "../ports.ts";
import { answerFits, type Key, signRequest } from "./signed.ts";

export interface LockPartner extends Key {
  /** Its origin and path, without a slash at the end. */
  url: string;
}
interface Deps {
  clock: Clock;
  send: Send;
  guard: Guard;
  /** Where it reports. */
  callback: string;
}
export interface Named {
  /** Our lock, as the maker gives it back. */
  owner: string;
  call: LockCall;
}

const NONE: LockAnswer = { outcome: "none" };

/** What a maker's platform answers; never throws. */
export async function askPartner(
  partner: LockPartner,
  deps: Deps,
  { owner, call }: Named,
): Promise<LockAnswer> {
  const { command, ref } = call;
  const base = `${partner.url}/v1/locks/${encodeURIComponent(ref)}`;
  const heard = await deps.guard.run(command.op, async () => {
    if (command.op === "ask") return await exchange(partner, deps, "GET", base, "");
    const { id, to } = command;
    const order = JSON.stringify({ id, to, owner, callback: deps.callback });
    return await exchange(partner, deps, "POST", `${base}/commands`, order);
  });
  if (heard.done !== "answered") return { ...NONE, code: heard.done };
  const { status, text } = heard.value;
  if (status !== 200) return refusedBy(text);
  return command.op === "ask" ? statusIn(text) : orderedIn(text, command.id);
}

async function exchange(
  partner: LockPartner,
  { clock, send }: Deps,
  method: "GET" | "POST",
  link: string,
  body: string,
): Promise<Answer> {
  const url = new URL(link);
  const target = url.pathname + url.search;
  const { nonce, headers } = signRequest(partner, { method, target, body, now: clock.now() });
  const answer = await send(url, {
    method,
    headers: { ...headers, ...(body === "" ? {} : { "content-type": "application/json" }) },
    ...(body === "" ? {} : { body }),
  });
  const { status, text } = answer;
  if (status === 429) throw new SurelyNot("lock maker is busy: 429");
  if (status >= 500) throw new Unknown(`lock maker failed: ${status}`);
  const signature = answer.headers.get(LOCK_HEADERS.signature);
  if (!answerFits(partner, { nonce, status, body: text }, signature)) {
    throw new Unknown("lock maker's answer cannot be trusted: signature");
  }
  return answer;
}

function orderedIn(text: string, id: string): LockAnswer {
  const said = lockOrderAnswer.safeParse(json(text)).data;
  if (!said || said.id !== id) return { ...NONE, code: "unreadable" };
  const { outcome, code, state, bay } = said;
  return {
    outcome,
    ...(code === undefined ? {} : { code }),
    ...(state === undefined ? {} : { seen: { state, ...(bay === undefined ? {} : { bay }) } }),
  };
}

function statusIn(text: string): LockAnswer {
  const said = lockStatus.safeParse(json(text)).data;
  if (!said) return { ...NONE, code: "unreadable" };
  const { state, bay, code } = said;
  const seen = {
    state,
    ...(bay === undefined ? {} : { bay }),
    ...(code === undefined ? {} : { code }),
  };
  return { outcome: "told", seen };
}

function refusedBy(text: string): LockAnswer {
  const said = lockRefusal.safeParse(json(text)).data;
  return { outcome: "refused", code: said?.code ?? "unreadable" };
}
