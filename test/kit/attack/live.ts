// Attacks over socket.io: handshakes of strangers, other people's rooms, nonsense, floods; and upgrades
// to nobody.
import { connect as tcp } from "node:net";
import { io, type Socket } from "socket.io-client";
import type { Ground } from "./ground.ts";

export interface Tried {
  name: string;
  wanted: string;
  came: string;
}
type Options = { auth?: Record<string, unknown>; headers?: Record<string, string>; query?: string };

function knock(origin: string, namespace: string, options: Options): Promise<Socket | string> {
  const socket = io(`${origin}/${namespace}${options.query ?? ""}`, {
    path: "/live",
    transports: ["websocket"],
    auth: options.auth ?? {},
    reconnection: false,
    forceNew: true,
    extraHeaders: options.headers ?? {},
  });
  return new Promise((done) => {
    socket.on("connect", () => done(socket));
    socket.on("disconnect", () => done("no-connection"));
    socket.on("connect_error", (error) => {
      done((error as { data?: { code?: string } }).data?.code ?? "no-connection");
      socket.disconnect();
    });
  });
}

export async function handshakes({ server, of, stranger }: Ground): Promise<Tried[]> {
  const token = of(stranger).Authorization!.slice("Bearer ".length);
  const { Cookie = "" } = of("admin");
  const evil = "https://evil.test";
  const rows: [name: string, wanted: string, namespace: string, Options][] = [
    ["no token", "auth.required", "driver", {}],
    ["garbage token", "auth.required", "driver", { auth: { token: "x.y.z" } }],
    ["token of another kind", "auth.required", "driver", { auth: { token: { $ne: null } } }],
    ["10 KB token", "no-connection", "driver", { auth: { token: "x".repeat(20_000) } }],
    ["driver at the console's door", "auth.required", "ops", { auth: { token } }],
    ["unknown namespace", "request.not-found", "", { auth: { token } }],
    ["token in the address", "no-connection", "driver", { query: `?token=${token}` }],
    ["foreign page", "no-connection", "driver", { auth: { token }, headers: { origin: evil } }],
    ["stolen cookie", "no-connection", "ops", { headers: { Cookie, origin: evil } }],
    ["cookie without a page", "no-connection", "ops", { headers: { Cookie } }],
    ["no origin at all", "no-connection", "ops", { headers: { Cookie, origin: "null" } }],
  ];
  const tried: Tried[] = [];
  for (const [name, wanted, namespace, options] of rows) {
    const came = await knock(server.url, namespace, options);
    tried.push({ name, wanted, came: typeof came === "string" ? came : "let in" });
    if (typeof came !== "string") came.disconnect();
  }
  const came = await strayUpgrade(new URL(server.url).port, "/livewire");
  return [...tried, { name: "upgrade to nobody", wanted: "destroyed", came }];
}

/** Resolves once the socket is gone; "left open" where nobody cares for it. */
function strayUpgrade(port: string, path: string): Promise<string> {
  return new Promise((done) => {
    const socket = tcp(Number(port), "127.0.0.1");
    const late = setTimeout(() => done("left open"), 3_000);
    socket.on("error", () => {});
    socket.on("close", () => {
      clearTimeout(late);
      done("destroyed");
    });
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
    );
  });
}

type Raw = { emitWithAck(name: string, ...given: unknown[]): Promise<unknown> };
interface Answer {
  code?: string;
  refused?: { code: string }[];
  rooms?: unknown[];
}
/** Of the message, or of the one room in it. */
const codeIn = (answer: unknown): string => {
  const { code, refused = [], rooms = [] } = answer as Answer;
  return code ?? refused[0]?.code ?? (rooms.length > 0 ? "watched" : "done");
};

export async function messages({ server, of, stranger, owned, made }: Ground): Promise<Tried[]> {
  const token = of(stranger).Authorization!.slice("Bearer ".length);
  const socket = await knock(server.url, "driver", { auth: { token } });
  if (typeof socket === "string") return [{ name: "connect", wanted: "let in", came: socket }];
  const raw = socket as unknown as Raw;
  const room = (name: string) => ({ rooms: [{ room: name }] });
  const malformed = "request.malformed";
  const rows: [name: string, wanted: string, message: string, ...given: unknown[]][] = [
    ["somebody's order", "order.unknown", "watch", room(`order:${owned.orderId}`)],
    ["an order that never was", "order.unknown", "watch", room("order:ord_neverwas")],
    ["the wall", "auth.forbidden", "watch", room("wall:all")],
    ["the alerts", "auth.forbidden", "watch", room("alerts")],
    ["a pile that is not there", "pile.unknown", "watch", room("pile:NO-SUCH")],
    ["any actor", malformed, "watch", room(`wallet:${made.id}`)],
    ["a wildcard", malformed, "watch", room("order:*")],
    ["a subject", malformed, "watch", room("order:a.b.>")],
    ["no id", malformed, "watch", room("order:")],
    ["2^53", malformed, "watch", { rooms: [{ room: "user:me", v: 2 ** 53 }] }],
    ["nothing", malformed, "watch", null],
    ["no object", malformed, "watch", 5],
    ["unknown field", malformed, "watch", { ...room("user:me"), all: true }],
    ["51 rooms", malformed, "watch", {
      rooms: Array.from({ length: 51 }, () => ({ room: "user:me" })),
    }],
    ["own __proto__", malformed, "watch", JSON.parse('{"__proto__":{"rooms":[]}}')],
    ["binary", malformed, "watch", new Uint8Array([1, 2, 3])],
    ["garbage renewal", "auth.required", "auth", { token: "x".repeat(40) }],
    ["a long id", malformed, "notice-ack", { id: "x".repeat(201) }],
  ];
  const tried: Tried[] = [];
  for (const [name, wanted, message, ...given] of rows) {
    tried.push({ name, wanted, came: codeIn(await raw.emitWithAck(message, ...given)) });
  }
  const gone = new Promise<string>((done) => socket.on("disconnect", () => done("cut off")));
  socket.emit("watch", { rooms: [{ room: "x".repeat(100_000) }] });
  tried.push({ name: "100 KB", wanted: "cut off", came: await gone });
  socket.disconnect();
  return tried;
}
