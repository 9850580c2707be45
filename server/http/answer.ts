// What a route comes to, before it is bytes: a good answer, a refusal, or a fault of the world.
import type { Fault, Refusal, Reply } from "../../wire/envelope.ts";
import type { RefusalCode } from "../../wire/refusals.ts";

export interface Good {
  status: 200 | 201 | 202 | 204;
  body?: unknown;
  v?: number;
  replay?: boolean;
  headers?: Record<string, string>;
}
/** Text of another kind than JSON: a page, a provider's own answer form. */
export interface Plain {
  status: number;
  text: string;
  contentType: string;
}
export interface No {
  refusal: Refusal;
  v?: number;
  replay?: boolean;
  trace?: string;
  afterMs?: number;
  headers?: Record<string, string>;
}
export interface Broken {
  fault: Fault;
}
export type Answer = Good | Plain | No | Broken;

export const no = (
  code: RefusalCode,
  facts: Record<string, unknown> = {},
  afterMs?: number,
): No => ({ refusal: { code, facts }, ...(afterMs === undefined ? {} : { afterMs }) });
export const isNo = (value: object): value is No => "refusal" in value;
export const isBroken = (value: object): value is Broken => "fault" in value;

export const ok = (body: unknown, v?: number): Good => ({
  status: 200,
  body,
  ...(v === undefined ? {} : { v }),
});

/** An actor's reply as an answer; only a good one is shaped by the route. */
export function answered(reply: Reply, good: (body: unknown, v: number) => Good): Answer {
  if (reply.ok) {
    const { replay } = reply;
    return { v: reply.v, ...(replay ? { replay } : {}), ...good(reply.body, reply.v) };
  }
  if ("fault" in reply) return { fault: reply.fault };
  const { refusal, v, replay, trace } = reply;
  return { refusal, v, ...(replay ? { replay } : {}), ...(trace ? { trace } : {}) };
}
