// OCPP-J on the pile's side: one websocket, questions one after the other, answers by id.
import { Buffer } from "node:buffer";
import WebSocket from "ws";
import type { Clock } from "../clock.ts";
import { SimFault, wordsOf } from "../fault.ts";

export type Payload = Record<string, unknown>;

/** The other side answered with CALLERROR. */
export class CallError extends SimFault {
  constructor(readonly code: string, description: string) {
    super(`${code}: ${description}`, "never");
  }
}

export interface SocketOptions {
  /** Up to and without the pile's id. */
  readonly url: string;
  readonly id: string;
  readonly secret: string;
}

export interface SocketEar {
  opened(): void;
  closed(why: string): void;
  /** Answer to the central system's question; null: say nothing at all. */
  asked(action: string, payload: Payload): Promise<Payload | null>;
}

interface Waiting {
  done(payload: Payload): void;
  fail(error: SimFault): void;
}

const HANDSHAKE_MS = 5_000;
/** A socket that shows no life for this long is dead (the platform pings every 15 s). */
const SILENCE_MS = 45_000;

export class OcppSocket {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<string, Waiting>();
  #count = 0;
  #turn: Promise<unknown> = Promise.resolve();
  #silence: { cancel(): void } | null = null;
  #closed = false;

  constructor(
    { url, id, secret }: SocketOptions,
    private readonly clock: Clock,
    private readonly ear: SocketEar,
  ) {
    const login = Buffer.from(`${id}:${secret}`).toString("base64");
    this.#socket = new WebSocket(
      `${url.replace(/\/$/, "")}/${encodeURIComponent(id)}`,
      ["ocpp1.6"],
      {
        headers: { Authorization: `Basic ${login}` },
        handshakeTimeout: HANDSHAKE_MS,
        perMessageDeflate: false,
      },
    );
    this.#socket.on("open", () => {
      this.#alive();
      this.ear.opened();
    });
    this.#socket.on("ping", () => this.#alive());
    this.#socket.on("message", (data) => {
      this.#alive();
      this.#frame((data as Buffer).toString()); // ws gives a Buffer unless told otherwise
    });
    this.#socket.on("error", (error) => this.#gone(wordsOf(error)));
    this.#socket.on("close", (code) => this.#gone(`closed: ${code}`));
  }

  /** One question at a time (OCPP-J 4.1.1); fails with a CallError or for want of an answer. */
  call(action: string, payload: Payload, timeoutMs: number): Promise<Payload> {
    const mine = this.#turn.then(() => this.#ask(action, payload, timeoutMs));
    this.#turn = mine.catch(() => {}); // the next one waits for the end of this, good or bad
    return mine;
  }

  /** Goodbye with a close frame, or none. */
  close(politely: boolean): void {
    if (politely && this.#socket.readyState === WebSocket.OPEN) this.#socket.close(1000);
    else this.#socket.terminate();
    this.#gone("hung up");
  }

  #ask(action: string, payload: Payload, timeoutMs: number): Promise<Payload> {
    const id = `${this.clock.now().toString(36)}-${++this.#count}`;
    return new Promise((done, fail) => {
      if (this.#closed) return fail(new SimFault(`cannot send ${action}: no link`, "later"));
      const timer = this.clock.after(timeoutMs, () => {
        this.#waiting.delete(id);
        fail(new SimFault(`no answer to ${action}: waited ${timeoutMs} ms`, "later"));
      });
      const settle = () => {
        timer.cancel();
        this.#waiting.delete(id);
      };
      this.#waiting.set(id, {
        done: (answer) => (settle(), done(answer)),
        fail: (error) => (settle(), fail(error)),
      });
      this.#send([2, id, action, payload]);
    });
  }

  #frame(text: string): void {
    const frame = parse(text);
    if (frame === null) return;
    const [type, id, third, fourth] = frame;
    if (type === 2) void this.#answer(String(id), String(third), asPayload(fourth));
    if (type === 3) this.#waiting.get(String(id))?.done(asPayload(third));
    if (type === 4) {
      this.#waiting.get(String(id))?.fail(new CallError(String(third), String(fourth)));
    }
  }

  async #answer(id: string, action: string, payload: Payload): Promise<void> {
    try {
      const answer = await this.ear.asked(action, payload);
      if (answer !== null) this.#send([3, id, answer]);
    } catch (error) {
      const code = error instanceof CallError ? error.code : "InternalError";
      this.#send([4, id, code, wordsOf(error), {}]);
    }
  }

  #send(frame: unknown[]): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  #alive(): void {
    this.#silence?.cancel();
    if (this.#closed) return;
    this.#silence = this.clock.after(SILENCE_MS, () => this.close(false));
  }

  #gone(why: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#silence?.cancel();
    for (const each of this.#waiting.values()) each.fail(new SimFault(why, "later"));
    this.ear.closed(why);
  }
}

function parse(text: string): unknown[] | null {
  try {
    const frame: unknown = JSON.parse(text);
    return Array.isArray(frame) ? frame : null;
  } catch {
    return null; // a pile ignores what is no JSON
  }
}

const asPayload = (value: unknown): Payload =>
  typeof value === "object" && value !== null ? value as Payload : {};
