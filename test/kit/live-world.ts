// The live gateway on a real socket.io, with sign-in of the HTTP gateway and a journal that tests write.
import { createServer } from "node:http";
import { io, type Socket } from "socket.io-client";
import { createLive, type LiveDeps } from "../../server/live/mod.ts";
import { realClock } from "../../server/observe.ts";
import { systemClock } from "../../server/runtime/mod.ts";
import { memoryBus } from "../../server/store/memory-bus.ts";
import { memoryNetwork } from "../../server/store/memory-network.ts";
import { createBoard } from "../../server/views/mod.ts";
import type { JournalRecord } from "../../wire/envelope.ts";
import type { ClientToServer, Notice, ServerToClient } from "../../wire/live.ts";
import { liveSubject } from "../../wire/subjects.ts";
import { type HttpWorld, httpWorld, quiet, uncounted } from "./http-world.ts";

export type LiveSocket = Socket<ServerToClient, ClientToServer>;
export interface LiveWorld extends AsyncDisposable {
  http: HttpWorld;
  url: string;
  /** Pending notices by user. */
  notices: Map<string, Notice[]>;
  /** Writes the next record of an actor; the state is what its page shows. */
  record(kind: string, id: string, state: unknown, events?: string[]): number;
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

export async function liveWorld(limits: LiveDeps["limits"] = {}): Promise<LiveWorld> {
  const http = await httpWorld();
  http.clock.at = Date.now(); // sockets live in real time
  const notices = new Map<string, Notice[]>();
  const network = memoryNetwork({ clock: systemClock, random: Math.random });
  const bus = memoryBus(network.port("live"), systemClock);
  const viewOf = (_kind: string, state: unknown) => state;
  const board = createBoard({ clock: realClock, viewOf });
  const versions = new Map<string, number>();
  const states = new Map<string, unknown>();
  const live = createLive({
    client: http.client,
    bus,
    board,
    clock: realClock,
    log: quiet,
    metrics: uncounted,
    identity: http.identity,
    notices: {
      pending: (_tenant, userId) => Promise.resolve(notices.get(userId) ?? []),
      ack: (_tenant, userId, id) => {
        notices.set(userId, (notices.get(userId) ?? []).filter((one) => one.id !== id));
        return Promise.resolve();
      },
    },
    viewOf,
    publicUrl: http.deps.publicUrl,
    limits,
  });
  const server = createServer((_request, response) => void response.writeHead(404).end());
  live.attach(server);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  const sockets: LiveSocket[] = [];

  const shown = (kind: string) => {
    http.client.onRead(`${kind}.show`, ({ to, principal }) => {
      const state = states.get(`${kind}/${to.id}`) as { userId?: string } | undefined;
      const isOthers = principal.kind === "driver" && state?.userId !== undefined &&
        state.userId !== principal.id;
      if (!state || isOthers) return { refused: { code: `${kind}.unknown` } };
      return { body: state, v: versions.get(`${kind}/${to.id}`)! };
    });
  };
  for (const kind of ["order", "pile", "station"]) shown(kind);

  const connect: LiveWorld["connect"] = (namespace, auth, headers = {}) => {
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
  const connected = async (...call: Parameters<LiveWorld["connect"]>) => {
    const socket = await connect(...call);
    if (typeof socket === "string") throw new Error(`not connected: ${socket}`);
    return socket;
  };
  return {
    http,
    url,
    notices,
    record(kind, id, state, events = ["Changed"]) {
      const v = (versions.get(`${kind}/${id}`) ?? 0) + 1;
      const view = { ...state as object, v };
      versions.set(`${kind}/${id}`, v);
      states.set(`${kind}/${id}`, view);
      const address = { tenant: "main", kind, id };
      const record = recordOf(v, view, events);
      board.take(address, record);
      live.onRecord(address, record, v);
      return v;
    },
    say: (kind, id, data) => bus.publish(liveSubject({ tenant: "main", kind, id }), data),
    connect,
    async driver(phone = "13800000001") {
      const { userId, refresh, headers } = await http.driver(phone);
      const token = headers.authorization!.slice("Bearer ".length);
      return { socket: await connected("driver", { token }), userId, refresh };
    },
    async ops() {
      const { cookie } = await http.console();
      return connected("ops", {}, { cookie: cookie!, origin: http.deps.publicUrl });
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.disconnect();
      await live.stop();
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

function recordOf(v: number, state: unknown, events: string[]): JournalRecord {
  const principal = { kind: "system" as const, id: "test" };
  return {
    v,
    sv: 1,
    at: Date.now(),
    cause: { command: `c${v}`, type: "Test", principal, correlation: "c" },
    events: events.map((type) => ({ type, sv: 1 })),
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
