// What the telemetry gateway is given, and its numbers.
import type { NatsConnection } from "@nats-io/nats-core";
import type { Bus, Client, Clock, Directory, Log, Metrics, TeleWriter, Tracer } from "../ports.ts";

export interface TelemetryDeps {
  client: Client;
  directory: Directory;
  tele: TeleWriter;
  bus: Bus;
  log: Log;
  metrics: Metrics;
  tracer?: Tracer | undefined;
  clock: Clock;
  gatewayId: string;
  /** User of account DEVICES that hears all piles. */
  devicesConnection: NatsConnection;
  /** User of account AUTH; without it and the seed somebody else says who a pile is. */
  calloutConnection?: NatsConnection;
  /** Account seed (nkey) that signs what the callout answers. */
  issuerSeed?: string;
  /** Ed25519 private key (PKCS8 PEM) that signs device commands. */
  platformKey: string;
  settings?: Partial<TelemetrySettings>;
}

export interface TelemetrySettings {
  /** Told to the pile at boot. */
  beatMs: number;
  tickMs: number;
  beatsMissedMax: number;
  /** Largest payload of a pile that is looked at. */
  payloadBytesMax: number;
  /** How long a pile may take to answer an order. */
  answerMs: number;
  /** How long the actor may take; the pile asks again after it. */
  recordMs: number;
  openMs: number;
  /** Facts of one pile under way; a pile that waits for its answers has one. */
  factsMax: number;
  /** Ticks of one connector that are kept: screens need each, curves one in this span. */
  storeMs: number;
  /** A pile that boots all the time must not fill its actor's journal. */
  bootGapMs: number;
  /** A pile that was blocked while connected is out within this. */
  checkMs: number;
  /** A pile that nobody holds is looked into at most once in this span. */
  lookMs: number;
}
export const telemetryDefaults: TelemetrySettings = {
  beatMs: 10_000,
  tickMs: 1_000,
  beatsMissedMax: 3,
  payloadBytesMax: 32_768,
  answerMs: 5_000,
  recordMs: 4_000,
  openMs: 8_000,
  factsMax: 16,
  storeMs: 10_000,
  bootGapMs: 500,
  checkMs: 10_000,
  lookMs: 15_000,
};
