// One route: its shapes for validation and OpenAPI, how it treats keys, and what it does.
import type * as z from "zod";
import type { Principal } from "../../wire/envelope.ts";
import type { Answer } from "./answer.ts";
import type { Who } from "./who.ts";

export type Method = "GET" | "POST" | "PUT" | "DELETE";
/**
 * needed: no key, no mutation · timeless: as needed, but the key's age does not matter (a stop) ·
 * exempt: reads, sign-in, error reports, callbacks, emergency stop.
 */
export type KeyRule = "needed" | "timeless" | "exempt";

/** A request once it is known who asks, with which key, and that its shape is right. */
export interface Asked<P = unknown, Q = unknown, B = unknown> {
  who: Who;
  principal: Principal;
  tenant: string;
  params: P;
  query: Q;
  body: B;
  /** `<METHOD> <path template>`: part of the key's scope. */
  route: string;
  /** Of the Idempotency-Key header; empty where the route is exempt. */
  key: string;
  /** Id under which an actor hears of it: the same on a repeat. */
  commandId: string;
  /** The key is over a day off: good only where the actor knows it (command.ts asks). */
  isStale: boolean;
  /** A traceparent: goes on with what the request causes. */
  trace: string;
  /** What people are shown of it. */
  traceId: string;
  /** Where the request came from. */
  address: string;
  header(name: string): string | undefined;
  /** The body as sent, where the route wants it unread. */
  raw: string;
}

export interface Route {
  method: Method;
  /** `/v1/orders/{id}` */
  path: string;
  summary: string;
  tag: string;
  key: KeyRule;
  params?: z.ZodType;
  query?: z.ZodType;
  body?: z.ZodType;
  /** Shape of the good answers by status; null: no body. */
  answers: Record<number, z.ZodType | null>;
  /** Largest body, where it is not that of all routes. */
  bodyBytesMax?: number;
  /** The body is not JSON: it is handed on as it came. */
  rawBody?: boolean;
  /** Never refused for its rate: stops, emergency stops, the provider's callbacks. */
  unlimited?: boolean;
  handle(asked: Asked): Answer | Promise<Answer>;
}

interface Spec<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType>
  extends Omit<Route, "params" | "query" | "body" | "handle"> {
  params?: P;
  query?: Q;
  body?: B;
  handle(asked: Asked<z.output<P>, z.output<Q>, z.output<B>>): Answer | Promise<Answer>;
}
/** A route whose handler gets what its shapes say. */
export const route = <
  P extends z.ZodType = z.ZodType<Record<string, never>>,
  Q extends z.ZodType = z.ZodType<Record<string, never>>,
  B extends z.ZodType = z.ZodType<Record<string, never>>,
>(spec: Spec<P, Q, B>): Route => spec;

export const nameOf = (route: Pick<Route, "method" | "path">): string =>
  `${route.method} ${route.path}`;
