// Attacks at the OCPP door and on a link: strangers, broken frames, floods of rubbish, twins.
import { Buffer } from "node:buffer";
import { connect as tcp } from "node:net";
import { WebSocket } from "ws";
import type { Ground } from "./ground.ts";
import type { Tried } from "./live.ts";

interface Door {
  path?: string;
  user?: string;
  secret?: string | null;
  protocols?: string[];
}

function open({ server, ocppMade }: Ground, door: Door): WebSocket {
  const { path = ocppMade.id, user = ocppMade.id, secret = ocppMade.secret } = door;
  const url = `${server.url.replace("http", "ws")}/ocpp/${path}`;
  const basic = Buffer.from(`${user}:${secret}`).toString("base64");
  return new WebSocket(url, door.protocols ?? ["ocpp1.6"], {
    headers: secret === null ? {} : { authorization: `Basic ${basic}` },
  });
}

/** Status of the refusal, or the code by which the opened socket was closed. */
function fate(socket: WebSocket): Promise<string> {
  return new Promise((done) => {
    socket.on("unexpected-response", (_request, { statusCode }) => {
      done(String(statusCode));
      socket.terminate();
    });
    socket.on("error", () => {});
    socket.on("close", (code) => done(`closed ${code}`));
  });
}

const opened = (socket: WebSocket) =>
  new Promise<void>((done, fail) => {
    socket.once("open", () => done());
    socket.once("error", fail);
  });

export async function doors(ground: Ground): Promise<Tried[]> {
  const rows: [name: string, wanted: string, door: Door][] = [
    ["no secret", "401", { secret: null }],
    ["wrong secret", "401", { secret: "wrong-secret-wrong" }],
    ["another pile's name", "401", { user: "BAD-1" }],
    ["unknown pile", "404", { path: "NO-SUCH", user: "NO-SUCH" }],
    ["a native pile", "404", { path: ground.made.id, user: ground.made.id }],
    ["a way out", "404", { path: "..%2f..%2fv1" }],
    ["broken escapes", "404", { path: "%ff%fe" }],
    ["another tenant", "404", { path: `other/${ground.ocppMade.id}` }],
    ["a secret of 2 KB", "401", { secret: "x".repeat(2_048) }],
    ["no subprotocol", "closed 1002", { protocols: [] }],
    // closed by our client too: it was promised a subprotocol
    ["OCPP 2", "closed 1006", { protocols: ["ocpp2.0.1"] }],
  ];
  const tried: Tried[] = [];
  for (const [name, wanted, door] of rows) {
    const socket = open(ground, door);
    tried.push({ name, wanted, came: await fate(socket) });
  }
  return tried;
}

/** The error code that comes back for a frame. */
function answerTo(socket: WebSocket, frame: string): Promise<string> {
  return new Promise((done) => {
    socket.once("message", (data) => {
      const [type, , code] = JSON.parse((data as Buffer).toString()) as [number, string, string];
      done(type === 4 ? code : `type ${type}`);
    });
    socket.send(frame);
  });
}

export async function frames(ground: Ground): Promise<Tried[]> {
  const broken = "FormationViolation";
  const call = (action: string, payload: unknown) => JSON.stringify([2, "a", action, payload]);
  const start = { connectorId: 1, idTag: "x", meterStart: 2 ** 53, timestamp: "2026-01-01" };
  const rows: [name: string, wanted: string, frame: string][] = [
    ["no JSON", broken, "[2,"],
    ["no list", broken, '{"a":1}'],
    ["no id", broken, '[2,5,"Heartbeat",{}]'],
    ["no action", broken, '[2,"a",5,{}]'],
    ["payload is a list", broken, call("Heartbeat", [])],
    ["five elements", broken, '[2,"a","Heartbeat",{},1]'],
    ["deep", broken, "[".repeat(30_000)],
    ["unknown action", "NotImplemented", call("DropTables", {})],
    ["2^53 and no date", "PropertyConstraintViolation", call("StartTransaction", start)],
    ["an operator", "TypeConstraintViolation", call("Authorize", { idTag: { $ne: 1 } })],
  ];
  const socket = open(ground, {});
  await opened(socket);
  const tried: Tried[] = [];
  for (const [name, wanted, frame] of rows) {
    tried.push({ name, wanted, came: await answerTo(socket, frame) });
  }
  const end = fate(socket);
  for (let i = 0; i < 16; i++) socket.send("rubbish");
  return [...tried, { name: "16 in a row", wanted: "closed 1008", came: await end }];
}

/** What ends a link at once; and a twin, which takes the place of the first. */
export async function ends(ground: Ground): Promise<Tried[]> {
  const notText = new Uint8Array([1, 2, 3]);
  const rows: [name: string, wanted: string, act: (socket: WebSocket) => void][] = [
    ["binary", "closed 1003", (socket) => socket.send(notText)],
    ["1 MB", "closed 1009", (socket) => socket.send("x".repeat(1_048_576))],
    [
      "invalid UTF-8",
      "closed 1007",
      (socket) => socket.send(Buffer.from([0xff, 0xfe]), { binary: false }),
    ],
  ];
  const tried: Tried[] = [];
  for (const [name, wanted, act] of rows) {
    const socket = open(ground, {});
    await opened(socket);
    const end = fate(socket);
    act(socket);
    tried.push({ name, wanted, came: await end });
  }
  const first = open(ground, {});
  await opened(first);
  const end = fate(first);
  const second = open(ground, {});
  await opened(second);
  tried.push({ name: "a twin", wanted: "closed 4001", came: await end });
  const came = await answerTo(second, '[2,"b","Heartbeat",{}]');
  tried.push({ name: "the newer one is served", wanted: "type 3", came });
  second.terminate();
  return tried;
}

/** Bytes that are no good HTTP: an answer of 4xx or the end of the socket. */
export async function wires({ server }: Ground): Promise<Tried[]> {
  const port = Number(new URL(server.url).port);
  const post = "POST /v1/help HTTP/1.1\r\nHost: a\r\n";
  const rows: [name: string, text: string][] = [
    ["no HTTP", "\x16\x03\x01\x02\x00 nonsense\r\n\r\n"],
    ["negative length", `${post}Content-Length: -5\r\n\r\n`],
    ["two lengths", `${post}Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcde`],
    [
      "length and chunks",
      `${post}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    ["broken chunks", `${post}Transfer-Encoding: chunked\r\n\r\nZZ\r\nx\r\n`],
    ["bare line feeds in a header", `GET /healthz HTTP/1.1\nHost: a\nX: \x00\n\n`],
    ["100 KB of headers", `GET /healthz HTTP/1.1\r\nX: ${"a".repeat(100_000)}\r\n\r\n`],
    ["an address that is none", "GET http://[::1 HTTP/1.1\r\nHost: ]\r\n\r\n"],
    ["a host that is none", "GET /v1/stations HTTP/1.1\r\nHost: a b\r\n\r\n"],
  ];
  const tried: Tried[] = [];
  for (const [name, text] of rows) {
    const came = await wire(port, text);
    tried.push({ name, wanted: "refused", came: /^(4\d\d|gone)/.test(came) ? "refused" : came });
  }
  return tried;
}

function wire(port: number, text: string): Promise<string> {
  return new Promise((done) => {
    const socket = tcp(port, "127.0.0.1");
    const late = setTimeout(() => done("left open"), 12_000);
    const end = (came: string) => {
      clearTimeout(late);
      done(came);
      socket.destroy();
    };
    socket.on("error", () => end("gone"));
    socket.on("close", () => end("gone"));
    socket.on("data", (data: Uint8Array) => {
      end(/^HTTP\/1\.1 (\d+)/.exec(new TextDecoder().decode(data))?.[1] ?? "gone");
    });
    socket.write(text, "latin1");
  });
}
