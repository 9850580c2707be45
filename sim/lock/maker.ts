// A lock maker's platform in small, on a server of others: takes signed orders and questions, moves its
// locks, reports what they do; misbehaves on order. Its levers (`/sandbox/locks/…`) are unsigned.
import type { IncomingMessage, ServerResponse } from "node:http";
import * as z from "zod";
import { LOCK_HEADERS, lockOrder } from "../../wire/foreign/lock/v1.ts";
import { LOCK_MISCHIEF, type LockMischief, type SimLock, SimLocks } from "./locks.ts";
import { type LockPen, lockPen } from "./pen.ts";

export const LOCK_PATHS = ["/v1/locks/", "/sandbox/locks/"] as const;
const WAY_MS = 300;
const HANG_MS = 20_000;
const LATE_MS = 1_500;
const BODY_BYTES_MAX = 16 * 1024;
const REPORTS_MAX = 4;
const REPORT_AGAIN_MS = 500;

const lever = z.strictObject({
  /** Moved by hand, or broken: it is reported. */
  state: z.enum(["up", "down", "fault"]).optional(),
  bay: z.enum(["empty", "taken"]).optional(),
  code: z.string().optional(),
  next: z.array(z.enum(LOCK_MISCHIEF)).max(20).optional(),
});

export class LockMaker {
  readonly locks = new SimLocks();
  readonly #pen: LockPen;
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();

  /** `callbackOrigin`: where reports go instead of the address that was given. */
  constructor(secret: string, private readonly callbackOrigin?: string) {
    this.#pen = lockPen(secret);
  }
  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://maker");
    const body = await textOf(request);
    if (body === null) return void response.writeHead(413).end();
    const ref = decodeURIComponent(url.pathname.split("/")[3] ?? "");
    const lock = this.locks.of(ref);
    if (url.pathname.startsWith("/sandbox/")) return this.#lever(lock, request, response, body);
    const header = (name: string) => request.headers[name]?.toString() ?? "";
    const nonce = header(LOCK_HEADERS.nonce);
    const target = url.pathname + url.search;
    const say = (status: number, said: unknown, signed = true) => {
      const text = JSON.stringify(said);
      const pen = signed ? this.#pen : lockPen("somebody-else");
      const head = { "content-type": "application/json", ...pen.answer(nonce, status, text) };
      response.writeHead(status, head).end(text);
    };
    const { method = "GET" } = request;
    if (!this.#pen.reads({ method, target, header, body })) {
      return say(401, { code: "signature" });
    }
    if (method === "GET") {
      this.locks.note(lock, { did: "ask", said: lock.state });
      return say(200, shown(lock));
    }
    const order = lockOrder.safeParse(json(body));
    if (!order.success) return say(400, { code: "malformed" });
    this.#order(lock, order.data, say, response);
  }

  #order(
    lock: SimLock,
    { id, to, owner, callback }: z.infer<typeof lockOrder>,
    say: (status: number, said: unknown, signed?: boolean) => void,
    response: ServerResponse,
  ): void {
    lock.owner = owner;
    lock.callback = callback;
    const known = lock.known.get(id);
    const wrong = this.locks.take(lock, "order");
    if (wrong === "hang" || wrong === "error") {
      this.locks.note(lock, { did: "order", id, to, said: wrong });
      return wrong === "error" ? say(500, { code: "internal" }) : this.#hang(response);
    }
    if (known) {
      this.locks.note(lock, { did: "known", id, to, said: known.outcome });
      return say(200, { id, ...known });
    }
    const said = this.#obey(lock, to, wrong);
    this.locks.note(lock, { did: "order", id, to, said: wrong ?? said.outcome });
    this.locks.remember(lock, id, said);
    if (wrong === "act-then-hang") return this.#hang(response);
    if (wrong === "error-after-success") return say(500, { code: "internal" });
    say(200, { id: wrong === "other-id" ? `${id}-x` : id, ...said }, wrong !== "unsigned");
  }

  #obey(lock: SimLock, to: "up" | "down", wrong: LockMischief | null) {
    if (wrong === "refuse") return { outcome: "refused", code: "motor" } as const;
    if (lock.state === "fault") return { outcome: "refused", code: lock.code ?? "broken" } as const;
    if (to === "up" && lock.bay === "taken") {
      return { outcome: "refused", code: "obstructed" } as const;
    }
    if (wrong !== "stuck" && lock.state !== to) {
      lock.state = "moving";
      if (wrong !== "half-way") this.#later(WAY_MS, () => this.#moved(lock, to));
    }
    return { outcome: "accepted" } as const;
  }
  #moved(lock: SimLock, to: "up" | "down"): void {
    if (lock.state !== "moving") return;
    lock.state = to;
    this.locks.note(lock, { did: "moved", to });
    this.#report(lock);
  }

  #hang(response: ServerResponse): void {
    this.#later(HANG_MS, () => void response.socket?.destroy());
  }
  #later(ms: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, ms);
    this.#timers.add(timer);
  }

  /** What the lock is, to whoever ordered it last; a report that is not taken comes again. */
  #report(lock: SimLock): void {
    const wrong = this.locks.take(lock, "report");
    const report = { lock: lock.ref, owner: lock.owner, at: Date.now(), ...shown(lock) };
    if (wrong === "lost") return this.locks.note(lock, { did: "report", said: "lost" });
    if (wrong === "late") { // it stood at the other end before that
      this.#later(LATE_MS, () => void this.#send(lock, { ...report, ...before(lock) }));
    }
    if (wrong === "forged") {
      void this.#send(lock, { ...report, state: "fault" }, lockPen("somebody-else"));
    }
    if (wrong === "double") void this.#send(lock, report);
    void this.#send(lock, report);
  }
  async #send(lock: SimLock, report: object, pen = this.#pen, times = 1): Promise<void> {
    if (lock.callback === null || lock.owner === null) return;
    const given = new URL(lock.callback);
    const url = this.callbackOrigin ? new URL(given.pathname, this.callbackOrigin) : given;
    const body = JSON.stringify(report);
    const headers = { "content-type": "application/json", ...pen.request(url.pathname, body) };
    const status = await fetch(url, { method: "POST", headers, body }).then(
      async (answer) => {
        await answer.body?.cancel();
        return answer.status;
      },
      () => 0,
    );
    this.locks.note(lock, { did: "report", said: String(status) });
    const isLost = status === 0 || status >= 500;
    if (isLost && times < REPORTS_MAX) {
      this.#later(REPORT_AGAIN_MS, () => void this.#send(lock, report, pen, times + 1));
    }
  }

  #lever(lock: SimLock, request: IncomingMessage, response: ServerResponse, body: string): void {
    const say = (status: number, said: unknown) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(said));
    };
    if (request.method === "PUT") {
      const wanted = lever.safeParse(json(body));
      if (!wanted.success) return say(400, { code: "lever" });
      const { state, bay, code, next } = wanted.data;
      if (next) lock.next = [...next];
      if (code !== undefined) lock.code = code;
      if (bay) lock.bay = bay;
      if (state) lock.state = state;
      if (state || bay) this.#report(lock);
    }
    const { ref, next, book } = lock;
    say(200, { ref, ...shown(lock), next, book });
  }
}

const shown = ({ state, bay, code }: SimLock) => ({
  state,
  bay,
  ...(state === "fault" && code !== undefined ? { code } : {}),
});
const before = ({ state }: SimLock) => ({
  state: state === "up" ? "down" : "up",
  at: Date.now() - 10_000,
});

async function textOf(request: IncomingMessage): Promise<string | null> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Uint8Array>) {
    size += part.byteLength;
    if (size > BODY_BYTES_MAX) return null;
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}
function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
