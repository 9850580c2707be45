// The live gateway on a real socket.io, with sign-in of the HTTP gateway and a journal that tests write.
import { createServer } from "node:http";
import { io, type Socket } from "socket.io-client";
import { createLive, type Live, type LiveDeps } from "../../server/live/mod.ts";
import { realClock } from "../../server/observe.ts";
import { systemClock } from "../../server/runtime/mod.ts";
import { memoryBus } from "../../server/store/memory-bus.ts";
import { memoryNetwork } from "../../server/store/memory-network.ts";
import { createBoard } from "../../server/views/mod.ts";
import type { Address, JournalRecord, StoredEvent } from "../../wire/envelope.ts";
import type { ClientToServer, Notice, ServerToClient } from "../../wire/live.ts";
import { liveSubject } from "../../wire/subjects.ts";
import type { FakeClient } from "./fake-client.ts";
import { type HttpWorld, httpWorld, quiet, uncounted } from "./http-world.ts";

export type LiveSocket = Socket<ServerToClient, ClientToServer>;
export interface LiveWorld extends AsyncDisposable {
  http: HttpWorld;
  url: string;
  /** Pending notices by user. */
  notices: Map<string, Notice[]>;
  /** Writes the next record of an actor; the state is what its page shows. */
  record(
    kind: string,
    id: string,
    state: unknown,
    events?: (string | StoredEvent)[],
  ): number;
  say(kind: string, id: string, data: unknown): void;
  /** Connected, or the code of the refusal. */
  connect(
    namespace: "driver" | "ops",
    auth: Record<string, unknown>,
    headers?: Record<string, string>,
  ): Promise<LiveSocket | string>;
  driver(phone?: string): Promise<{ socket: LiveSocket; userId: string; refresh: string }>;
  ops(): Promise<LiveSocket>;
}

/** A journal of tests: what it records is shown by reads and told to those who follow. */
function journalOf(client: FakeClient, take: (at: Address, record: JournalRecord) => void) {
  const versions = new Map<string, number>();
  const states = new Map<string, { userId?: string }>();
  for (const kind of ["order", "pile", "station"]) {
    client.onRead(`${kind}.show`, ({ to, principal }) => {
      const state = states.get(`${kind}/${to.id}`);
      const isOthers = principal.kind === "driver" && state?.userId !== undefined &&
        state.userId !== principal.id;
      if (!state || isOthers) return { refused: { code: `${kind}.unknown` } };
      return { body: state, v: versions.get(`${kind}/${to.id}`)! };
    });
  }
  return (kind: string, id: string, state: unknown, events: StoredEvent[]) => {
    const v = (versions.get(`${kind}/${id}`) ?? 0) + 1;
    const view = { ...state as { userId?: string }, v };
    versions.set(`${kind}/${id}`, v);
    states.set(`${kind}/${id}`, view);
    take({ tenant: "main", kind, id }, recordOf(v, view, events));
    return v;
  };
}

/** Connected, or the code of the refusal. */
function connectTo(url: string, sockets: LiveSocket[]): LiveWorld["connect"] {
  return (namespace, auth, headers = {}) => {
    const socket: LiveSocket = io(`${url}/${namespace}`, {
      path: "/live",
      transports: ["websocket"],
      auth,
      reconnection: false,
      forceNew: true,
      extraHeaders: headers,
    });
    sockets.push(socket);
    return new Promise((done) => {
      socket.on("connect", () => done(socket));
      socket.on("connect_error", (error) => {
        done((error as { data?: { code?: string } }).data?.code ?? "no-connection");
      });
    });
  };
}

function noticesIn(notices: Map<string, Notice[]>): LiveDeps["notices"] {
  return {
    pending: (_tenant, userId) => Promise.resolve(notices.get(userId) ?? []),
    ack(_tenant, userId, id) {
      notices.set(userId, (notices.get(userId) ?? []).filter((one) => one.id !== id));
      return Promise.resolve();
    },
  };
}

async function listen(live: Live) {
  const server = createServer((_request, response) => void response.writeHead(404).end());
  live.attach(server);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    async close() {
      await live.stop();
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

export async function liveWorld(limits: LiveDeps["limits"] = {}): Promise<LiveWorld> {
  const http = await httpWorld();
  http.clock.at = Date.now(); // sockets live in real time
  const { client, identity, deps: { publicUrl } } = http;
  const notices = new Map<string, Notice[]>();
  const network = memoryNetwork({ clock: systemClock, random: Math.random });
  const bus = memoryBus(network.port("live"), systemClock);
  const viewOf = (_kind: string, state: unknown) => state;
  const board = createBoard({ clock: realClock, viewOf });
  const shared = { client, bus, board, clock: realClock, log: quiet, metrics: uncounted };
  const doors = { identity, notices: noticesIn(notices), viewOf, publicUrl, limits };
  const live = createLive({ ...shared, ...doors });
  const { url, close } = await listen(live);
  const sockets: LiveSocket[] = [];
  const record = journalOf(client, (address, entry) => {
    board.take(address, entry);
    live.onRecord(address, entry, entry.v);
  });
  const connect = connectTo(url, sockets);
  const connected = async (...call: Parameters<LiveWorld["connect"]>) => {
    const socket = await connect(...call);
    if (typeof socket === "string") throw new Error(`not connected: ${socket}`);
    return socket;
  };
  return {
    http,
    url,
    notices,
    record: (kind, id, state, events = ["Changed"]) =>
      record(
        kind,
        id,
        state,
        events.map((event) => typeof event === "string" ? { type: event, sv: 1 } : event),
      ),
    say: (kind, id, data) => bus.publish(liveSubject({ tenant: "main", kind, id }), data),
    connect,
    async driver(phone = "13800000001") {
      const { userId, refresh, headers } = await http.driver(phone);
      const token = headers.authorization!.slice("Bearer ".length);
      return { socket: await connected("driver", { token }), userId, refresh };
    },
    async ops() {
      const { cookie } = await http.console();
      return connected("ops", {}, { cookie: cookie!, origin: publicUrl });
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.disconnect();
      await close();
    },
  };
}

function recordOf(v: number, state: unknown, events: StoredEvent[]): JournalRecord {
  const principal = { kind: "system" as const, id: "test" };
  return {
    v,
    sv: 1,
    at: Date.now(),
    cause: { command: `c${v}`, type: "Test", principal, correlation: "c" },
    events,
    state,
    done: [],
    in: {},
    out: [],
    timers: {},
    sum: "",
  };
}

/** The next message of that name. */
export function next<K extends keyof ServerToClient>(
  socket: LiveSocket,
  name: K,
): Promise<Parameters<ServerToClient[K]>[0]> {
  return new Promise((done) => {
    (socket as unknown as { once(name: string, listener: (data: never) => void): void })
      .once(name, done);
  });
}
