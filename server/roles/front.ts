// The one public port: HTTP, socket.io and OCPP on one node:http server; anything else is destroyed.
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { Duplex } from "node:stream";
import { getRequestListener } from "@hono/node-server";
import type { Base } from "./base.ts";

// A slow reader or writer must not hold a socket for ever (slowloris).
const HEADERS_MS = 10_000;
const REQUEST_MS = 30_000;
const KEEP_ALIVE_MS = 65_000;
const CLOSE_MS = 2_000;

export type Upgrade = (request: IncomingMessage, socket: Duplex, head: Uint8Array) => boolean;

export interface Front {
  server: Server;
  /** Takes over upgrade requests that it answers `true` to; asked in the order of adding. */
  onUpgrade(take: Upgrade): void;
  listen(): Promise<void>;
  close(): Promise<void>;
}

/** The port is taken, or may not be used by us. */
export class PortFault extends Error {
  override readonly name = "PortFault";
}

export function openFront(
  base: Base,
  fetch: (request: Request, env: unknown) => Response | Promise<Response>,
): Front {
  const { config, log } = base;
  const listener = getRequestListener(fetch, { overrideGlobalObjects: false });
  const server = createServer((request, response) => void listener(request, response));
  server.headersTimeout = HEADERS_MS;
  server.requestTimeout = REQUEST_MS;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  const takers: Upgrade[] = [];
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Uint8Array) => {
    socket.on("error", () => socket.destroy());
    try {
      if (takers.some((take) => take(request, socket, head))) return;
    } catch (error) {
      log.error({ path: request.url, error: String(error) }, "upgrade broke");
    }
    socket.destroy();
  });
  return {
    server,
    onUpgrade: (take) => void takers.push(take),
    listen: () =>
      new Promise((done, fail) => {
        server.once("error", (error: Error & { code?: string }) => {
          const why = error.code === "EADDRINUSE"
            ? "is in use"
            : `cannot be used: ${error.message}`;
          fail(new PortFault(`PORT ${config.PORT}: ${why}`));
        });
        server.listen(config.PORT, config.HOST, () => done());
      }),
    close: () =>
      new Promise((done) => {
        const force = setTimeout(() => server.closeAllConnections(), CLOSE_MS);
        server.close(() => {
          clearTimeout(force);
          done();
        });
        server.closeIdleConnections();
      }),
  };
}
