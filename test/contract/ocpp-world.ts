// An OCPP gateway on a free port, and piles that speak to it over real WebSockets.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocket } from "ws";
import { createOcpp, type Ocpp, type OcppSettings } from "../../server/ocpp/mod.ts";
import { newPileKeys, storePileKeys } from "../../server/pile-keys.ts";
import { gatewayWorld, type World } from "./gateway-world.ts";
import { until } from "./gateway-world.ts";

export const GATEWAY = "node-1-ocpp";
const SECRET = "a-secret-of-20-chars";

export interface OcppWorld extends World, AsyncDisposable {
  url: string;
  ocpp: Ocpp;
  addPile(pileId: string, tenant?: string): Promise<void>;
  connect(pileId: string, options?: ConnectOptions): Promise<TestPile>;
  /** Opens and forgets: what the handshake came to. */
  knock(path: string, options?: ConnectOptions): Promise<Knock>;
}
export interface ConnectOptions {
  secret?: string | null;
  user?: string;
  protocols?: string[];
  tenant?: string;
}
export type Knock = { status: number } | { opened: string; closed: number };
type Row = [2, string, string, Record<string, unknown>] | [3 | 4, string, ...unknown[]];

export interface TestPile {
  socket: WebSocket;
  /** Everything that was sent to it. */
  got: Row[];
  closed: { code: number; reason: string } | null;
  send(text: string | Uint8Array): void;
  /** A call; resolves with the whole answer, null where the socket closed before it. */
  call(action: string, payload: unknown, id?: string): Promise<unknown[] | null>;
  /** Answers questions of the gateway from now on. */
  onCall: ((action: string, payload: Record<string, unknown>) => unknown) | null;
  close(): Promise<void>;
}

export async function ocppWorld(settings: Partial<OcppSettings> = {}): Promise<OcppWorld> {
  const world = gatewayWorld();
  const ocpp = createOcpp({ ...world, gatewayId: GATEWAY, settings });
  const server = createServer((_, response) => response.writeHead(404).end());
  server.on("upgrade", (request, socket, head) => {
    if (!ocpp.handleUpgrade(request, socket, head)) socket.destroy();
  });
  await new Promise<void>((up) => server.listen(0, "127.0.0.1", up));
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const piles: TestPile[] = [];
  return Object.assign(world, {
    url,
    ocpp,
    async addPile(pileId: string, tenant = "main") {
      const keys = newPileKeys("ocpp1.6", SECRET);
      await storePileKeys(world.directory, { tenant, pileId }, keys);
    },
    async connect(pileId: string, options: ConnectOptions = {}) {
      const path = options.tenant ? `/ocpp/${options.tenant}/${pileId}` : `/ocpp/${pileId}`;
      const pile = await openPile(url + path, pileId, options);
      piles.push(pile);
      return pile;
    },
    knock: (path: string, options: ConnectOptions = {}) => knock(url + path, options),
    async [Symbol.asyncDispose]() {
      for (const pile of piles) pile.socket.terminate();
      await ocpp.stop();
      await new Promise((down) => {
        server.close(down);
        server.closeAllConnections();
      });
    },
  });
}

function headersOf(pileId: string, { secret = SECRET, user = pileId }: ConnectOptions) {
  if (secret === null) return {};
  return { authorization: `Basic ${Buffer.from(`${user}:${secret}`).toString("base64")}` };
}

/** The handshake did not come through. */
export class NotOpened extends Error {
  override readonly name = "NotOpened";
}

async function openPile(url: string, pileId: string, options: ConnectOptions): Promise<TestPile> {
  const socket = new WebSocket(url, options.protocols ?? ["ocpp1.6"], {
    headers: headersOf(pileId, options),
  });
  const pile = testPile(socket);
  await new Promise<void>((open, failed) => {
    socket.once("open", () => open());
    socket.once("error", (cause) => failed(new NotOpened(String(cause))));
  });
  return pile;
}

function testPile(socket: WebSocket): TestPile {
  const waiting = new Map<string, (answer: unknown[] | null) => void>();
  let count = 0;
  const pile: TestPile = {
    socket,
    got: [],
    closed: null,
    onCall: null,
    send: (text) => socket.send(text),
    call(action, payload, id = `p${++count}`) {
      return new Promise((answered) => {
        if (pile.closed) return answered(null);
        waiting.set(id, answered);
        socket.send(JSON.stringify([2, id, action, payload]));
      });
    },
    async close() {
      socket.close();
      await until(() => pile.closed !== null, "socket closed");
    },
  };
  socket.on("error", () => {});
  socket.on("message", (data) => {
    const row = JSON.parse((data as Buffer).toString()) as Row;
    pile.got.push(row);
    if (row[0] === 2) {
      const answer = pile.onCall?.(row[2], row[3]);
      if (answer !== undefined) socket.send(JSON.stringify([3, row[1], answer]));
    } else {
      waiting.get(row[1])?.(row);
      waiting.delete(row[1]);
    }
  });
  socket.on("close", (code, reason) => {
    pile.closed = { code, reason: String(reason) };
    for (const answered of waiting.values()) answered(null);
  });
  return pile;
}

function knock(url: string, options: ConnectOptions): Promise<Knock> {
  const pileId = url.split("/").at(-1)!;
  const socket = new WebSocket(url, options.protocols ?? ["ocpp1.6"], {
    headers: headersOf(pileId, options),
  });
  return new Promise((came) => {
    let opened: string | null = null;
    socket.on("unexpected-response", (_request, response) => {
      came({ status: response.statusCode ?? 0 });
      socket.terminate();
    });
    socket.on("error", () => {});
    socket.on("open", () => opened = socket.protocol);
    socket.on(
      "close",
      (code) => came(opened === null ? { status: -code } : { opened, closed: code }),
    );
  });
}
