// Holds the links of all piles of this gateway: opens them at the pile's actor, keeps the newest of each
// pile, pings them, and says goodbye.
import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { askAgain } from "../ask-again.ts";
import type { Bucket } from "../ports.ts";
import { serveDeviceCalls } from "../device-call.ts";
import { type HeldLink, linkBook, type LossWhy } from "../link-book.ts";
import { PILE_AUTH, type PileAuth, pileAuthKey } from "../pile-keys.ts";
import { sayRefused } from "../say-refused.ts";
import { Link } from "./link.ts";
import { closeCodes, type Desk, type IdTag, ocppDefaults, type OcppDeps } from "./ports.ts";
import { doorkeeper, isOcppPath, type SignedIn } from "./sign-in.ts";

export interface Ocpp {
  /** True where the path is ours: the socket is taken care of. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Uint8Array): boolean;
  /** Piles connected now. */
  count(): number;
  /** Closes every link and tells the actors; resolves when they know, or after 5 s. */
  stop(): Promise<void>;
}

const PROTOCOL = "ocpp1.6";
/** A platform that comes up: piles wait in their socket rather than fail. */
const OPEN_MS_MAX = 20_000;
const STOP_MS_MAX = 5_000;
/** What a pile still has under way when its socket closes may take this long before the link is told. */
const DRAIN_MS_MAX = 3_000;
const ROUND_MS = 1_000;

export function createOcpp(deps: OcppDeps): Ocpp {
  const gateway = new Gateway(deps);
  return {
    handleUpgrade: (request, socket, head) => gateway.upgrade(request, socket, Buffer.from(head)),
    count: () => gateway.links.size,
    stop: () => gateway.stop(),
  };
}

class Gateway {
  readonly links = new Map<string, Link>();
  readonly #deps: OcppDeps;
  readonly #desk: Desk;
  readonly #server: WebSocketServer;
  readonly #auths: () => Promise<Bucket<PileAuth>>;
  readonly #signIn: ReturnType<typeof doorkeeper>;
  readonly #book: ReturnType<typeof linkBook>;
  readonly #served: { stop(): void };
  readonly #refused: ReturnType<typeof sayRefused>;
  /** Goodbyes under way. */
  readonly #losing = new Set<Promise<void>>();
  #round: { cancel(): void };
  #stopped = false;

  constructor(deps: OcppDeps) {
    this.#deps = deps;
    const settings = { ...ocppDefaults, ...deps.settings };
    const { client, clock, directory, gatewayId, log, metrics, tele } = deps;
    const { tracer } = deps;
    this.#desk = { client, clock, log, metrics, tracer, settings, tele, card: cards(deps) };
    this.#server = new WebSocketServer({
      noServer: true,
      maxPayload: settings.frameBytesMax,
      perMessageDeflate: false,
      handleProtocols: (offered) => offered.has(PROTOCOL) ? PROTOCOL : false,
    });
    this.#auths = () => directory.bucket<PileAuth>(PILE_AUTH, { hot: true });
    this.#signIn = doorkeeper(this.#auths, clock);
    this.#refused = sayRefused(deps);
    this.#book = linkBook(deps, gatewayId);
    const find = async (tenant: string, pileId: string) => {
      const link = this.links.get(`${tenant}/${pileId}`);
      if (link?.linkEpoch === 0) await link.opened;
      return link?.given.up === false ? link : undefined;
    };
    this.#served = serveDeviceCalls({ ...deps, find });
    this.#round = clock.after(ROUND_MS, () => this.#tend());
    void this.#book.clearLeftovers().then(
      (gone) => gone.length > 0 && log.info({ gatewayId, links: gone.length }, "leftovers cleared"),
      (cause) => log.warn({ gatewayId, cause: String(cause) }, "leftovers could not be cleared"),
    );
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    if (!isOcppPath(request.url)) return false;
    const quiet = () => socket.destroy();
    socket.on("error", quiet);
    void this.#admit(request, socket, head).catch((cause) => {
      this.#deps.log.error({ cause: String(cause) }, "upgrade failed");
      refuse(socket, 503);
    }).finally(() => socket.off("error", quiet));
    return true;
  }

  async #admit(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { metrics, tenant = "main" } = this.#deps;
    if (this.#stopped) return refuse(socket, 503);
    const came = await this.#signIn(request, tenant);
    if (!came.ok) {
      metrics.count("ocpp_refused", { why: came.why });
      this.#refused({ where: "ocpp sign-in", code: came.why, by: "device", ...came.caller });
      return refuse(socket, came.status);
    }
    if (socket.destroyed) return;
    this.#server.handleUpgrade(request, socket, head, (ws) => {
      // OCPP-J 3.1.3: the handshake is finished without a subprotocol, then the socket closed
      if (ws.protocol !== PROTOCOL) {
        this.#refused({
          where: "ocpp sign-in",
          code: "subprotocol",
          by: "device",
          ...came.caller,
        });
        return ws.close(closeCodes.protocol, "ocpp1.6 only");
      }
      if (this.#stopped) return ws.close(closeCodes.goingAway, "stopping");
      this.#accept(ws, came, request.socket.remoteAddress);
    });
  }

  #accept(
    ws: WebSocket,
    { caller: { tenant, pileId }, auth }: Extract<SignedIn, { ok: true }>,
    remote: string | undefined,
  ): void {
    const { clock, metrics } = this.#deps;
    const key = `${tenant}/${pileId}`;
    const opening = deferred<boolean>();
    const link = new Link(this.#desk, ws, tenant, pileId, auth, opening.promise);
    link.nextPingAt = clock.tick() + this.#desk.settings.pingMs;
    this.#replace(this.links.get(key), remote);
    this.links.set(key, link);
    metrics.gauge("ocpp_links", this.links.size);
    let why: LossWhy = "closed";
    ws.on("close", () => {
      if (link.pongsMissed > this.#desk.settings.pongsMissedMax) why = "silent";
      link.given.up = true;
      link.calls.end();
      if (this.links.get(key) === link) this.links.delete(key);
      metrics.gauge("ocpp_links", this.links.size);
      this.#track(this.#lose(link, opening.promise, why));
    });
    void this.#open(link, remote).then(opening.resolve, (cause) => {
      this.#deps.log.error({ pileId, cause: String(cause) }, "link could not be opened");
      link.close(closeCodes.tryLater, "link could not be opened");
      opening.resolve(false);
    });
  }

  #replace(old: Link | undefined, remote: string | undefined): void {
    if (old === undefined || old.given.up) return;
    const { tenant, pileId } = old;
    const facts = { alarm: "pile.second-connection", tenant, pileId, remote };
    this.#deps.log.warn(facts, "pile has connected again, its older connection is closed");
    this.#deps.metrics.count("ocpp_replaced");
    old.replaced = true;
    old.close(closeCodes.replaced, "replaced by a newer connection");
  }

  async #open(link: Link, remote: string | undefined): Promise<boolean> {
    const { clock, client, gatewayId, log } = this.#deps;
    const { tenant, pileId } = link;
    const bootId = randomUUID(); // OCPP 1.6 has no boot id: each connection is one
    const told = await askAgain(
      { client, clock },
      {
        id: `open:${gatewayId}:${bootId}`,
        to: { tenant, kind: "pile", id: pileId },
        type: "OpenLink",
        body: { gatewayId, lane: "ocpp1.6", bootId, ...(remote === undefined ? {} : { remote }) },
        principal: { kind: "device", id: pileId },
      },
      OPEN_MS_MAX,
      this.#stopping,
    );
    if (told === null) {
      link.close(closeCodes.tryLater, "platform is busy");
      return false;
    }
    if (!told.ok) {
      log.warn({ tenant, pileId, ...told.refusal }, "pile's actor refuses the link");
      link.close(closeCodes.policy, told.refusal.code);
      return false;
    }
    link.linkEpoch = (told.body as { linkEpoch: number }).linkEpoch;
    if (!link.given.up) await this.#book.opened(held(link, gatewayId));
    return true;
  }
  readonly #stopping = { up: false };

  async #lose(link: Link, opening: Promise<boolean>, why: LossWhy): Promise<void> {
    const opened = await opening;
    if (!opened || link.replaced) return;
    await withinMs(this.#deps.clock, link.settled, DRAIN_MS_MAX);
    await this.#book.lost(held(link, this.#deps.gatewayId), why);
  }

  #track(goodbye: Promise<void>): void {
    const safe = goodbye.catch((cause) => {
      this.#deps.log.error({ cause: String(cause) }, "loss of a link could not be told");
    }).finally(() => this.#losing.delete(safe));
    this.#losing.add(safe);
  }

  /** Once a second: whoever is due is pinged, whoever was silent is cut. */
  #tend(): void {
    if (this.#stopped) return;
    this.#round = this.#deps.clock.after(ROUND_MS, () => this.#tend());
    const now = this.#deps.clock.tick();
    const { pingMs, pongsMissedMax } = this.#desk.settings;
    for (const link of this.links.values()) {
      if (now < link.nextPingAt || link.socket.isPaused) continue;
      link.nextPingAt = now + pingMs;
      link.pongsMissed += 1;
      if (link.pongsMissed > pongsMissedMax) {
        this.#deps.metrics.count("ocpp_silent");
        link.cut();
      } else if (link.socket.readyState === link.socket.OPEN) {
        link.socket.ping();
        void this.#checkWelcome(link);
      }
    }
  }

  /** A pile that was blocked or whose secret was rotated while it was connected. */
  async #checkWelcome(link: Link): Promise<void> {
    const { tenant, pileId, auth } = link;
    try {
      const now = await (await this.#auths()).get(pileAuthKey(tenant, pileId));
      if (now?.value.secretHash === auth.secretHash && now?.value.blocked !== true) return;
    } catch {
      return; // a directory that is away throws nobody out
    }
    this.#deps.log.warn({ tenant, pileId }, "pile is blocked or its secret changed");
    link.close(closeCodes.policy, "sign in again");
  }

  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#stopping.up = true;
    this.#round.cancel();
    this.#served.stop();
    const links = [...this.links.values()];
    await withinMs(
      this.#deps.clock,
      Promise.all(links.map((link) => withinMs(this.#deps.clock, link.settled, DRAIN_MS_MAX))),
      DRAIN_MS_MAX,
    );
    const closed = links.map((link) => new Promise((done) => link.socket.once("close", done)));
    for (const link of links) link.close(closeCodes.goingAway, "gateway stops, connect again");
    this.#deps.clock.after(ROUND_MS, () => links.forEach((link) => link.socket.terminate()));
    await Promise.all(closed);
    await withinMs(this.#deps.clock, Promise.all(this.#losing), STOP_MS_MAX);
    this.#server.close();
  }
}

const held = (link: Link, gatewayId: string): HeldLink => (
  { gatewayId, tenant: link.tenant, pileId: link.pileId, linkEpoch: link.linkEpoch }
);

function cards({ directory, log }: OcppDeps): Desk["card"] {
  return async (tenant, idTag) => {
    try {
      const bucket = await directory.bucket<IdTag>("idtags", { hot: true });
      return (await bucket.get(`${tenant}/${idTag}`))?.value ?? null;
    } catch (cause) {
      log.warn({ cause: String(cause) }, "cards cannot be looked up");
      return undefined;
    }
  };
}

function refuse(socket: Duplex, status: number): void {
  if (socket.destroyed) return;
  const more = status === 401 ? 'WWW-Authenticate: Basic realm="ocpp"\r\n' : "";
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n${more}`;
  socket.end(`${head}Connection: close\r\nContent-Length: 0\r\n\r\n`);
}

function deferred<T>(): { promise: Promise<T>; resolve(value: T): void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((done) => resolve = done);
  return { promise, resolve };
}

async function withinMs(
  clock: OcppDeps["clock"],
  work: Promise<unknown>,
  ms: number,
): Promise<void> {
  let timer: { cancel(): void } | undefined;
  const late = new Promise<void>((done) => timer = clock.after(ms, done));
  await Promise.race([work.then(() => {}, () => {}), late]);
  timer?.cancel();
}
