// A real nats-server with the telemetry gateway and its callout on it, and piles that sign in with keys
// of their own.
import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { connect, type Msg, type NatsConnection, nkeyAuthenticator } from "@nats-io/transport-node";
import { type NatsEngine, startNats } from "../../server/engines/mod.ts";
import { newPileKeys, storePileKeys } from "../../server/pile-keys.ts";
import { createTelemetry, type Telemetry } from "../../server/telemetry/mod.ts";
import type { TelemetrySettings } from "../../server/telemetry/mod.ts";
import type { DeviceCommand } from "../../wire/native.ts";
import { signedBytes } from "../../wire/signing.ts";
import { deviceDown, deviceInbox, deviceUp } from "../../wire/subjects.ts";
import { tempDir } from "../kit/temp.ts";
import { gatewayWorld, type World } from "./gateway-world.ts";

export const GATEWAY = "node-1-native";
export const platform = generateKeyPairSync("ed25519");
const platformKey = platform.privateKey.export({ type: "pkcs8", format: "pem" });

export interface Engine extends AsyncDisposable {
  nats: NatsEngine;
  as(seed: string, inboxPrefix?: string): Promise<NatsConnection>;
}
export async function engine(): Promise<Engine> {
  const dir = await tempDir();
  const nats = await startNats({ dataDir: dir.path, sync: "2m", say: () => {} });
  return {
    nats,
    as: (seed, inboxPrefix) =>
      connect({
        servers: nats.url,
        authenticator: nkeyAuthenticator(new TextEncoder().encode(seed)),
        reconnect: false,
        ...(inboxPrefix === undefined ? {} : { inboxPrefix }),
      }),
    async [Symbol.asyncDispose]() {
      await nats.stop();
      await dir[Symbol.asyncDispose]();
    },
  };
}

export interface NativeWorld extends World, AsyncDisposable {
  telemetry: Telemetry;
  /** New keys of a pile; returns its seed. */
  addPile(pileId: string, tenant?: string): Promise<string>;
  pile(pileId: string, seed?: string): Promise<NativePile>;
  start(): Promise<void>;
}

export async function nativeWorld(
  { nats, as }: Engine,
  settings: Partial<TelemetrySettings> = {},
): Promise<NativeWorld> {
  const world = gatewayWorld();
  const seeds = new Map<string, string>();
  const open: NatsConnection[] = [];
  const connections = async () => {
    const devicesConnection = await as(nats.credentials.telemetry);
    const calloutConnection = await as(nats.credentials.callout);
    open.push(devicesConnection, calloutConnection);
    return { devicesConnection, calloutConnection };
  };
  const begin = async () => {
    const { devicesConnection, calloutConnection } = await connections();
    const telemetry = createTelemetry({
      ...world,
      gatewayId: GATEWAY,
      devicesConnection,
      calloutConnection,
      issuerSeed: nats.credentials.issuer,
      platformKey,
      settings,
    });
    await Promise.all([devicesConnection.flush(), calloutConnection.flush()]);
    return telemetry;
  };
  const all: NativeWorld = Object.assign(world, {
    telemetry: await begin(),
    async start() {
      all.telemetry = await begin();
    },
    async addPile(pileId: string, tenant = "main") {
      const keys = newPileKeys("native");
      await storePileKeys(world.directory, { tenant, pileId }, keys);
      seeds.set(pileId, keys.secret);
      return keys.secret;
    },
    async pile(pileId: string, seed = seeds.get(pileId) ?? "") {
      const nc = await as(seed, deviceInbox("main", pileId));
      open.push(nc);
      const pile = new NativePile(nc, pileId);
      await nc.flush();
      return pile;
    },
    async [Symbol.asyncDispose]() {
      await all.telemetry.stop();
      for (const nc of open) await nc.close();
    },
  });
  return all;
}

type Body = Record<string, unknown>;
const PATIENCE_MS = 3_000;

/** A pile as docs/native-lane.md describes it, as small as can be. */
export class NativePile {
  readonly commands: DeviceCommand[] = [];
  /** The header of each command, "" where there was none. */
  readonly traces: string[] = [];
  readonly asks: Body[] = [];
  onCommand: (command: DeviceCommand) => unknown = ({ id }) => ({ id, outcome: "accepted" });
  onAsk: (ask: Body) => unknown = () => ({ connectors: [] });
  linkEpoch = 0;
  seq = 0;

  constructor(readonly nc: NatsConnection, readonly pileId: string, readonly tenant = "main") {
    nc.subscribe(deviceDown(tenant, pileId, "cmd"), {
      callback: (_error, message) => void this.#command(message),
    });
    nc.subscribe(deviceDown(tenant, pileId, "ask"), {
      callback: (_error, message) => {
        const ask = message.json<Body>();
        this.asks.push(ask);
        const answer = this.onAsk(ask);
        if (answer !== undefined && message.reply) message.respond(JSON.stringify(answer));
      },
    });
  }

  async #command(message: Msg): Promise<void> {
    const command = message.json<DeviceCommand>();
    this.commands.push(command);
    this.traces.push(message.headers?.get("traceparent") ?? "");
    // its boot answer lies before it in the socket, but may not have been looked at yet
    for (let i = 0; i < 100 && command.linkEpoch > this.linkEpoch; i++) {
      await new Promise((later) => setTimeout(later, 5));
    }
    const answer = this.onCommand(command);
    if (answer !== undefined) message.respond(JSON.stringify(answer));
  }
  up(what: "boot" | "beat" | "tick" | "fact") {
    return deviceUp(this.tenant, this.pileId, what);
  }
  async request(what: "boot" | "fact", body: unknown, timeout = PATIENCE_MS): Promise<Body> {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return (await this.nc.request(this.up(what), text, { timeout })).json<Body>();
  }
  async boot(more: Body = {}): Promise<Body> {
    const answer = await this.request("boot", {
      proto: 1,
      bootId: "boot-1",
      model: "N1",
      firmware: "1.0",
      connectors: 2,
      clock: Date.now(),
      lastSeq: this.seq,
      cmds: [],
      ...more,
    });
    if (typeof answer["linkEpoch"] === "number") this.linkEpoch = answer["linkEpoch"];
    return answer;
  }
  async fact(kind: string, data: Body = {}, more: Body = {}): Promise<Body> {
    const { linkEpoch } = this;
    const seq = ++this.seq;
    const fact = { linkEpoch, seq, at: 1_790_000_000_000, connector: 1, kind, data, ...more };
    return await this.request("fact", fact);
  }
  publish(what: "beat" | "tick", body: unknown): void {
    this.nc.publish(this.up(what), typeof body === "string" ? body : JSON.stringify(body));
  }
  beat(n = 1): void {
    this.publish("beat", { linkEpoch: this.linkEpoch, n });
  }
  /** As a pile checks it, with the raw public key that it was given. */
  checks(command: DeviceCommand, tenant = this.tenant, pileId = this.pileId): boolean {
    const key = createPublicKey(platform.privateKey);
    const bytes = signedBytes(command, { tenant, pileId });
    return verify(null, bytes, key, Buffer.from(command.sig, "base64url"));
  }
}
