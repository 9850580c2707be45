// What the composition root hands to the HTTP gateway.
import type * as z from "zod";
import type { reconcileBody, ReconciliationView } from "../../wire/reconcile.ts";
import type { DrillModeBody } from "../../wire/drill.ts";
import type { Safeguard } from "../../wire/safeguards.ts";
import type { NodeWatch } from "../node-watch.ts";
import type { Client, Clock, Directory, Log, Metrics, Tracer } from "../ports.ts";
import type { Photos } from "../photos/mod.ts";
import type { Board, Views } from "../views/mod.ts";
import type { EntityId } from "./ids.ts";
import type { Rates } from "./limits.ts";
import type { Identity } from "./sign-in/mod.ts";

/** Drills of the demo: what one changes while it runs, and that one was asked for. */
export interface DrillDoor {
  /** False: another run has it. */
  setMode(mode: DrillModeBody): Promise<boolean>;
  /** What is off for whoever has one of these ids. */
  without(...ids: readonly (string | undefined)[]): ReadonlySet<Safeguard>;
  sayRequested(): void;
  /** Resolves when one is asked for, at the latest after `ms`. */
  requested(ms: number): Promise<void>;
}

/** A provider's callback as it came; the payment gateway judges it and writes its own answer form. */
export interface PayCallback {
  (wanted: {
    tenant: string;
    provider: string;
    header(name: string): string | undefined;
    body: string;
    /** Path as signed or called; for the log. */
    trace: string;
  }): Promise<{ status: number; body: string; contentType: string }>;
}
/** A lock maker's report as it came; the lock gateway judges it. */
export interface LockCallback {
  (wanted: {
    tenant: string;
    partner: string;
    /** Path as it was called. */
    target: string;
    header(name: string): string | undefined;
    body: string;
    trace: string;
  }): Promise<{ status: number; body: string; contentType: string }>;
}
/** The demo's outside world: messages that would have been sent, the sandbox provider's levers. */
export interface Sandbox {
  /** By phone, or by mail address. */
  inbox(
    tenant: string,
    name: string,
  ): Promise<{ at: string; by: "sms" | "mail"; code?: string; text: string }[]>;
  provider(
    method: "GET" | "PUT" | "POST",
    path: string,
    body?: string,
  ): Promise<{ status: number; text: string; contentType: string } | null>;
}

export interface HttpDeps {
  tenant: string;
  client: Client;
  directory: Directory;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  tracer?: Tracer | undefined;
  /** A traceparent for a request that brings none. */
  newTrace(): string;
  registry: { metrics(): Promise<string>; contentType: string };
  identity: Identity;
  board: Board;
  views: Views;
  photos: Photos;
  nodes: NodeWatch;
  entityId: EntityId;
  /** Is there any actor of that kind? */
  isKind(kind: string): boolean;
  rates: Rates;
  /** How long a no-show counts. */
  noShowSpanMs: number;
  /** Public half of the key that signs device commands, raw, base64. */
  platformKey: string;
  /** From which secrets that nobody chose are derived (CHARGEWARD_VAULT_KEY). */
  vaultKey: string;
  /** Where drivers find the platform: what QR codes hold, and whether cookies need TLS. */
  publicUrl: string;
  payCallback: PayCallback;
  /** Lock makers' platforms that are set up. */
  lockPartners: readonly string[];
  lockCallback: LockCallback;
  /** Compares a day with a provider's bill or a bank's file. */
  reconcile(wanted: z.infer<typeof reconcileBody>): Promise<
    | { ok: true; view: ReconciliationView }
    | { ok: false; why: "no-bill" | "unreadable" | "unavailable" }
  >;
  /** The standing auditor looks now, whichever process it runs in. */
  askAudit(): void;
  /** Public half of the key that signs pushes; null: nobody is pushed to. */
  pushKey: string | null;
  /** Is that the address of a push service that we call? */
  mayPushTo(endpoint: string): boolean;
  /** Absent outside the demo. */
  sandbox?: Sandbox;
  drills?: DrillDoor;
  /** Why this process cannot serve; empty: it can. */
  notReady(): string[];
  /** Folders of the built pages. */
  pages: { driver: string; ops: string };
}
