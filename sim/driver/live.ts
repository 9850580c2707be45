// A driver's live connection: rooms watched over socket.io, facts in order, ticks as they come.
import { io, type Socket } from "socket.io-client";
import type {
  ClientToServer,
  Fact,
  Notice,
  ServerToClient,
  Tick,
  Watched,
} from "../../wire/live.ts";
import { SimFault } from "../fault.ts";

type Client = Socket<ServerToClient, ClientToServer>;

export interface LiveEar {
  fact?(fact: Fact): void;
  tick?(tick: Tick): void;
  notice?(notice: Notice): void;
  snapshot?(room: string, v: number, snapshot: unknown): void;
}

const ACK_MS = 5_000;

export class Live {
  readonly #socket: Client;
  readonly #rooms = new Map<string, number>();

  /** `token` is asked for on every (re)connection, so a renewed one is used. */
  constructor(baseUrl: string, token: () => string, private readonly ear: LiveEar) {
    this.#socket = io(new URL("/driver", baseUrl).href, {
      path: "/live",
      transports: ["websocket"],
      auth: (give) => give({ token: token() }),
    });
    this.#socket.on("connect", () => void this.#again());
    this.#socket.on("fact", (fact) => this.#fact(fact));
    this.#socket.on("tick", (tick) => this.ear.tick?.(tick));
    this.#socket.on("head", (heads) => this.#behind(heads));
    this.#socket.on("notice", (notice) => {
      this.ear.notice?.(notice);
      this.#socket.emit("notice-ack", { id: notice.id });
    });
  }

  /** Watches a room from now on, over reconnections. */
  async watch(room: string): Promise<void> {
    if (!this.#rooms.has(room)) this.#rooms.set(room, -1);
    if (this.#socket.connected) await this.#ask([room]);
  }

  unwatch(room: string): void {
    this.#rooms.delete(room);
    this.#socket.emit("unwatch", { rooms: [room] });
  }

  get connected(): boolean {
    return this.#socket.connected;
  }

  /** Breaks the transport as a tunnel would; it is made again by itself. */
  drop(): void {
    this.#socket.io.engine.close();
  }

  close(): void {
    this.#socket.disconnect();
  }

  async #again(): Promise<void> {
    const rooms = [...this.#rooms.keys()];
    if (rooms.length > 0) await this.#ask(rooms).catch(() => {}); // asked anew on the next connect
  }

  async #ask(names: string[]): Promise<void> {
    const rooms = names.map((room) => {
      const v = this.#rooms.get(room) ?? -1;
      return v < 0 ? { room } : { room, v };
    });
    const answer = await new Promise<Watched>((done, fail) => {
      const late = () => fail(new SimFault("no answer to watch", "later"));
      const timer = setTimeout(late, ACK_MS);
      this.#socket.emit("watch", { rooms }, (told) => {
        clearTimeout(timer);
        if ("code" in told) fail(new SimFault(`cannot watch: ${told.code}`, "never"));
        else done(told);
      });
    });
    for (const { room, v, snapshot, events } of answer.rooms) {
      for (const fact of events ?? []) this.#fact(fact);
      const known = this.#rooms.get(room);
      if (known === undefined || v < known) continue; // a fact right behind the answer was faster
      this.#rooms.set(room, v);
      if (snapshot !== undefined) this.ear.snapshot?.(room, v, snapshot);
    }
  }

  #fact(fact: Fact): void {
    const known = this.#rooms.get(fact.room);
    if (known === undefined || fact.v <= known) return;
    if (known >= 0 && fact.v > known + 1) {
      void this.#ask([fact.room]).catch(() => {}); // the next head asks again
      return;
    }
    this.#rooms.set(fact.room, fact.v);
    this.ear.fact?.(fact);
  }

  #behind(heads: Record<string, number>): void {
    const late = Object.entries(heads)
      .filter(([room, v]) => (this.#rooms.get(room) ?? Infinity) < v)
      .map(([room]) => room);
    if (late.length > 0) void this.#ask(late).catch(() => {}); // the next head asks again
  }
}
