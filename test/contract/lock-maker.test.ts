// The port to lock makers over a maker's platform on real signed HTTP: what it makes of good answers, of
// silence, of lies; and what a forged, late or doubled report comes to.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { createLockMakers, type LockMakers } from "../../server/lock/mod.ts";
import { realClock } from "../../server/observe.ts";
import { memoryDirectory } from "../../server/store/memory-directory.ts";
import { LockMaker, type LockMischief } from "../../sim/lock/mod.ts";
import { FakeClient } from "../kit/fake-client.ts";
import { quiet, uncounted } from "../kit/http-world.ts";

const SECRET = "a secret of thirty-two characters";
const LOCK = "P100-1";

type Serve = (request: IncomingMessage, response: ServerResponse) => void;
async function listening(stack: AsyncDisposableStack, serve: Serve): Promise<string> {
  const server = createServer(serve);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  stack.defer(() => {
    server.closeAllConnections();
    return new Promise<void>((done) => void server.close(() => done()));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
interface Heard {
  status: number;
  target: string;
  body: string;
  headers: Headers;
}

/** Our callback's door alone: what came to it, and what it was answered. */
function doorOf(makers: () => LockMakers, heard: Heard[]): Serve {
  return (request, response) => {
    const parts: Uint8Array[] = [];
    request.on("data", (part: Uint8Array) => parts.push(part));
    request.on("end", () => void taken(request, response, Buffer.concat(parts).toString("utf8")));
  };
  async function taken(request: IncomingMessage, response: ServerResponse, body: string) {
    const target = request.url ?? "";
    const headers = new Headers(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    );
    const { status, body: said } = await makers().callback({
      tenant: "main",
      partner: target.split("/").at(-1) ?? "",
      target,
      header: (name) => headers.get(name) ?? undefined,
      body,
      trace: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
    });
    heard.push({ status, target, body, headers });
    response.writeHead(status).end(said);
  }
}

/** The maker on one port, our callback's door on another. */
async function world() {
  const stack = new AsyncDisposableStack();
  const heard: Heard[] = [];
  const audited: Record<string, unknown>[] = [];
  const client = new FakeClient();
  client.onAsk("lock.ReportLock", () => ({ body: null }));
  const front = await listening(stack, doorOf(() => makers, heard));
  const maker = new LockMaker(SECRET);
  stack.defer(() => maker.stop());
  const url = await listening(stack, (...call) => void maker.serve(...call));
  const makers = createLockMakers({
    client,
    directory: memoryDirectory(realClock),
    clock: realClock,
    log: { ...quiet, warn: (facts: Record<string, unknown>) => void audited.push(facts) },
    metrics: uncounted,
    partners: { maker: { url, key: "chargeward", secret: SECRET } },
    publicUrl: front,
    callMs: 400,
    breakMs: 60_000,
  });
  const ask = (command: Record<string, unknown>) =>
    makers.port({
      from: { id: LOCK },
      body: { tenant: "main", partner: "maker", ref: "L-7", command },
    });
  return {
    makers,
    client,
    heard,
    audited,
    front,
    move: (id: string, to = "down") => ask({ op: "move", id, to }),
    status: () => ask({ op: "ask" }),
    lock: () => maker.locks.of("L-7"),
    wrong: (...next: LockMischief[]) => void (maker.locks.of("L-7").next = next),
    reports: (count: number) => expect.poll(() => heard.length, { timeout: 5_000 }).toBe(count),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
const good = (body: object) => ({ ok: true, body });
const none = (code: string) => good({ outcome: "none", code });

test("ordered, moved, reported once it is there; the same id again is not done again", async () => {
  await using at = await world();
  expect(await at.move("m1")).toEqual(good({ outcome: "accepted" }));
  await at.reports(1);
  expect(at.client.asks).toMatchObject([{
    to: { tenant: "main", kind: "lock", id: LOCK },
    type: "ReportLock",
    body: { state: "down", bay: "empty", ref: "L-7" },
    principal: { kind: "provider", id: "lock/maker" },
  }]);
  expect(await at.status())
    .toEqual(good({ outcome: "told", seen: { state: "down", bay: "empty" } }));
  expect(await at.move("m1")).toEqual(good({ outcome: "accepted" }));
  expect(at.lock().book.map(({ did }) => did)).toEqual([
    "order",
    "moved",
    "report",
    "ask",
    "known",
  ]);
});

test.each<[LockMischief, object, string]>([
  ["hang", none("unknown"), "up"],
  ["act-then-hang", none("unknown"), "moving"],
  ["error", none("unknown"), "up"],
  ["error-after-success", none("unknown"), "moving"],
  ["unsigned", none("unknown"), "moving"],
  ["other-id", none("unreadable"), "moving"],
  ["refuse", good({ outcome: "refused", code: "motor" }), "up"],
  ["stuck", good({ outcome: "accepted" }), "up"],
  ["half-way", good({ outcome: "accepted" }), "moving"],
])("it does '%s': nothing is guessed, the question finds the truth", async (kind, said, state) => {
  await using at = await world();
  at.wrong(kind);
  expect(await at.move("m1")).toEqual(said);
  if (state === "moving" && kind !== "half-way") await at.reports(1);
  const seen = kind === "half-way" ? "moving" : state === "up" ? "up" : "down";
  expect(await at.status()).toMatchObject(good({ outcome: "told", seen: { state: seen } }));
});

test("a maker that fails again and again is left alone; then nothing surely happens", async () => {
  await using at = await world();
  at.wrong("error", "error", "error", "error", "error");
  for (let n = 1; n <= 5; n++) await at.move(`m${n}`);
  const before = at.lock().book.length;
  expect(await at.status()).toEqual(none("surely-not"));
  expect(at.lock().book).toHaveLength(before);
});

test("a maker that is not there, or not set up", async () => {
  await using at = await world();
  const body = { tenant: "main", partner: "nobody", ref: "L-7", command: { op: "ask" } };
  expect(await at.makers.port({ from: { id: LOCK }, body }))
    .toMatchObject({ refusal: { code: "lock.partner-unknown" } });
  expect(await at.makers.port({ from: { id: LOCK }, body: { ...body, ref: "../x" } }))
    .toMatchObject({ refusal: { code: "command.malformed" } });
});

test("reports that come twice, late, or from somebody else", async () => {
  await using at = await world();
  at.wrong("double");
  await at.move("m1");
  await at.reports(2); // two letters, each signed: the actor tells them apart by what they say
  at.wrong("forged");
  await at.move("m2", "up");
  await at.reports(4);
  expect(at.heard.map(({ status }) => status).sort()).toEqual([200, 200, 200, 401]);
  expect(at.audited).toContainEqual(
    expect.objectContaining({ audit: "lock.forged", partner: "maker", why: "signature" }),
  );
  expect(at.client.asks.map(({ body }) => body.state)).toEqual(["down", "down", "up"]);
  at.wrong("late");
  await at.move("m3");
  await at.reports(6);
  const [first, late] = at.client.asks.slice(-2).map(({ body }) => body);
  expect([first!.state, late!.state]).toEqual(["down", "up"]);
  expect(Number(late!.deviceAt)).toBeLessThan(Number(first!.deviceAt)); // by which the actor knows it
});

test("a report counts once, in its time, as it was signed, and only where it was sent", async () => {
  await using at = await world();
  await at.move("m1");
  await at.reports(1);
  const [{ body, headers, target }] = at.heard as [Heard];
  const say = async (more: {
    body?: string;
    target?: string;
    headers?: Record<string, string | null>;
  }) => {
    const sent = new Headers(headers);
    sent.delete("host");
    sent.delete("content-length");
    for (const [name, value] of Object.entries(more.headers ?? {})) {
      if (value === null) sent.delete(name);
      else sent.set(name, value);
    }
    const url = new URL(more.target ?? target, at.front);
    const answer = await fetch(url, { method: "POST", headers: sent, body: more.body ?? body });
    await answer.body?.cancel();
    return answer.status;
  };
  expect(await say({})).toBe(401); // its nonce was used
  expect(await say({ body: body.replace("down", "up") })).toBe(401);
  expect(await say({ headers: { "x-lock-nonce": "another-nonce-of-nobody" } })).toBe(401);
  expect(await say({ headers: { "x-lock-time": String(Date.now() - 600_000) } })).toBe(401);
  expect(await say({ headers: { "x-lock-key": "other" } })).toBe(401);
  expect(await say({ headers: { "x-lock-signature": null } })).toBe(401);
  expect(await say({ target: "/v1/callbacks/lock/other" })).toBe(404);
  expect(at.client.asks).toHaveLength(1);
  expect(at.audited.map(({ why }) => why)).toEqual([
    "replayed",
    "signature",
    "signature",
    "clock",
    "key",
    "unsigned",
  ]);
});
