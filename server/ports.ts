// What gateways are given by the composition root: how they reach actors, the directory, telemetry, logs.
// Gateways import only this, wire/ and libraries; main.ts hands in the real things.
import type { Client as ActorClient, Log as RuntimeLog } from "./runtime/mod.ts";

export type { Ask, Clock, Metrics, Read, Tracer } from "./runtime/mod.ts";

/** The way to actors, wherever they live. Never throws: what failed is a Reply with a fault. */
export type Client = Pick<ActorClient, "ask" | "read" | "signal">;

/** Small facts needed without MongoDB (codes, keys, cards, sessions), over JetStream KV. */
export interface Bucket<T> {
  get(key: string): Promise<{ value: T; revision: number } | null>;
  put(key: string, value: T): Promise<number>;
  /** Fails (null) where the key exists. */
  create(key: string, value: T): Promise<number | null>;
  /** Fails (null) where the revision is another by now. */
  update(key: string, value: T, revision: number): Promise<number | null>;
  delete(key: string): Promise<void>;
  entries(prefix?: string): Promise<{ key: string; value: T }[]>;
}
export interface Directory {
  /** `ttlMs`: entries vanish after it. `hot`: kept in memory by a watch. Keys are encoded inside. */
  bucket<T>(name: string, options?: { ttlMs?: number; hot?: boolean }): Promise<Bucket<T>>;
}

/** One reading as stored: evidence and curve, newest never lost once `append` resolves. */
export interface Reading {
  tenant: string;
  pileId: string;
  connector: number;
  orderId?: string;
  txId?: number;
  /** Device clock and arrival, ms since 1970. */
  t: number;
  at: number;
  linkEpoch: number;
  registerWh?: number;
  powerW?: number;
  mV?: number;
  mA?: number;
  socPct?: number;
  /** What the meter said could not be taken as it was: kept as sent, for whoever judges the charge. */
  flag?: "unparseable" | "out-of-range" | "clock";
  raw?: string;
}
export interface TeleWriter {
  /** Resolves when the batch that holds it is stored. */
  append(readings: readonly Reading[]): Promise<void>;
}

export interface BusMessage {
  subject: string;
  data: unknown;
  reply?: (data: unknown) => void;
  /** Of a header that the sender set. */
  header?: (name: string) => string | undefined;
}
/** NATS as gateways use it inside account PLATFORM: core messages with JSON bodies. */
export interface Bus {
  publish(subject: string, data: unknown, headers?: Record<string, string>): void;
  /** Null where nobody answered in time. */
  request(
    subject: string,
    data: unknown,
    timeoutMs: number,
    headers?: Record<string, string>,
  ): Promise<unknown>;
  /** `reply` is undefined where the sender wants no answer. */
  subscribe(
    subject: string,
    handler: (message: BusMessage) => void,
    options?: { queue?: string },
  ): { stop(): void };
}

export interface Log extends RuntimeLog {
  debug(facts: Record<string, unknown>, message: string): void;
}
