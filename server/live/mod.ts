// Door of the live gateway: socket.io at /live beside HTTP and OCPP on one port. Browsers watch rooms
// here; commands go by HTTP.
import type { IncomingMessage, Server as HttpServer } from "node:http";
import { type Namespace, Server } from "socket.io";
import type { Address, JournalRecord } from "../../wire/envelope.ts";
import type { ClientToServer, ServerToClient } from "../../wire/live.ts";
import { liveAll } from "../../wire/subjects.ts";
import { Connection, type LiveSocket } from "./connection.ts";
import { handle } from "./handlers.ts";
import { Hub } from "./hub.ts";
import { type LiveDeps, type LiveLimits, liveLimits, type Viewer } from "./ports.ts";
import { startRounds } from "./rounds.ts";
import { createWatching, type Watching } from "./watching.ts";

export type { LiveDeps } from "./ports.ts";
export { targetOf } from "./rooms.ts";

export interface Live {
  attach(server: HttpServer): void;
  /** Every record of the journal, in order per actor. */
  onRecord(address: Address, record: JournalRecord, seq: number): void;
  count(): number;
  /** Tells clients to come back elsewhere, then closes. */
  stop(): Promise<void>;
}

const PATH = "/live";
const DRAIN = { reconnectMs: 500, jitterMs: 4_500 };
const DRAIN_MS = 300; // for the word to get out

/** Why a handshake was refused; its code travels in `data`. */
class HandshakeRefused extends Error {
  override readonly name = "HandshakeRefused";
  readonly data: { code: string };
  constructor(code: string) {
    super(`handshake refused: ${code}`);
    this.data = { code };
  }
}

export function createLive(deps: LiveDeps): Live {
  const limits: LiveLimits = { ...liveLimits, ...deps.limits };
  const hub = new Hub(deps, limits);
  const watching = createWatching(deps, hub, limits);
  const doors = { deps, hub, watching, limits, perAddress: new Map<string, number>() };
  const io = openServer(doors);
  admit(doors, io.of("/driver"), "driver");
  admit(doors, io.of("/ops"), "ops");
  const unsubscribe = deps.bus.subscribe(
    liveAll,
    ({ subject, data }) => safely(deps, () => hub.onLive(subject, data)),
  );
  const rounds = startRounds(deps, hub, watching, limits);
  return {
    attach: (server) => void io.attach(server),
    onRecord: (address, record) => safely(deps, () => hub.onRecord(address, record)),
    count: () => hub.connections.size,
    async stop() {
      unsubscribe.stop();
      rounds.stop();
      for (const { socket } of hub.connections) socket.emit("drain", DRAIN);
      await new Promise<void>((done) => deps.clock.after(DRAIN_MS, done));
      // The node:http server is main's to close: only our sockets go.
      for (const name of ["/", "/driver", "/ops"]) io.of(name).disconnectSockets(true);
      io.engine?.close();
    },
  };
}

type LiveServer = Server<ClientToServer, ServerToClient>;
interface Doors {
  deps: LiveDeps;
  hub: Hub;
  watching: Watching;
  limits: LiveLimits;
  perAddress: Map<string, number>;
}

/** Said once, whatever the stranger sent. */
function turnedAway({ hub }: Doors, code: string): string {
  hub.refused({ where: "live handshake", code, by: "nobody" });
  return code;
}

function openServer(doors: Doors): LiveServer {
  const { deps, limits, perAddress } = doors;
  const io: LiveServer = new Server({
    path: PATH,
    transports: ["websocket"],
    serveClient: false,
    destroyUpgrade: false, // OCPP upgrades on the same server
    maxHttpBufferSize: limits.messageBytes,
    connectTimeout: limits.handshakeMs,
    upgradeTimeout: limits.handshakeMs,
    pingInterval: limits.pingMs,
    pingTimeout: limits.pongMs,
    perMessageDeflate: false,
    allowRequest: (request, answer) => {
      const why = refusalOf(request, deps.publicUrl);
      const isFull = (perAddress.get(addressOf(request)) ?? 0) >= limits.perAddress;
      const code = why ?? (isFull ? "request.rate-limited" : null);
      answer(code === null ? null : turnedAway(doors, code), code === null);
    },
  });
  // nobody's namespace
  io.use((_socket, next) => next(new HandshakeRefused(turnedAway(doors, "request.not-found"))));
  return io;
}

function admit(
  doors: Doors,
  namespace: Namespace<ClientToServer, ServerToClient>,
  kind: Viewer["kind"],
): void {
  const viewers = new WeakMap<LiveSocket, Viewer>();
  namespace.use((socket, next) => {
    viewerOf(doors.deps, socket, kind).then((viewer) => {
      if (typeof viewer === "string") {
        return next(new HandshakeRefused(turnedAway(doors, viewer)));
      }
      viewers.set(socket, viewer);
      next();
    }, () => next(new HandshakeRefused("unavailable")));
  });
  namespace.on("connection", (socket) => {
    const viewer = viewers.get(socket);
    if (viewer) welcome(doors, socket, viewer);
    else socket.disconnect(true);
  });
}

function welcome(
  { deps, hub, watching, limits, perAddress }: Doors,
  socket: LiveSocket,
  viewer: Viewer,
) {
  const address = addressOf(socket.request);
  const connection = new Connection(socket, viewer, limits, deps.clock.tick);
  perAddress.set(address, (perAddress.get(address) ?? 0) + 1);
  hub.connections.add(connection);
  socket.on("disconnect", () => {
    const left = (perAddress.get(address) ?? 1) - 1;
    if (left > 0) perAddress.set(address, left);
    else perAddress.delete(address);
    hub.leaveAll(connection);
  });
  handle(deps, hub, watching, connection);
}

/** Browsers say where their page is from; a cookie without that is somebody else's page. */
function refusalOf({ headers, url }: IncomingMessage, publicUrl: string): string | null {
  const { origin, host, cookie } = headers;
  if (/[?&](token|auth)=/.test(url ?? "")) return "auth.required"; // tokens end up in logs
  if (origin === undefined) return cookie === undefined ? null : "auth.forbidden";
  if (!URL.canParse(origin)) return "auth.forbidden";
  const from = new URL(origin).host;
  const ours = URL.canParse(publicUrl) ? new URL(publicUrl).host : null;
  return from === ours || from === host ? null : "auth.forbidden";
}
const addressOf = ({ socket }: { socket: { remoteAddress?: string | undefined } }): string =>
  socket.remoteAddress ?? "unknown";

/** Who it is, or the code of why not. */
async function viewerOf(
  { identity }: LiveDeps,
  { handshake }: LiveSocket,
  kind: Viewer["kind"],
): Promise<Viewer | string> {
  const given: unknown = handshake.auth.token;
  const token = typeof given === "string" && given.length <= 4_000 ? given : undefined;
  const { cookie } = handshake.headers;
  const verdict = kind === "ops"
    ? await identity.opsOf(token === undefined ? { cookie: cookie ?? "" } : { token })
    : token === undefined
    ? { refusal: { code: "auth.required" } }
    : await identity.driverOf(token);
  if ("refusal" in verdict) return verdict.refusal.code;
  return verdict.kind === kind ? verdict : "auth.forbidden";
}

/** A record or message that cannot be told must not end the process. */
function safely({ log, metrics }: LiveDeps, run: () => void): void {
  try {
    run();
  } catch (error) {
    metrics.count("live_broken");
    log.error({ error: String(error) }, "could not be told");
  }
}
