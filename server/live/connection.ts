// One socket: who it is, what it watches, how much of it is still unsent, how fast it talks.
import type { Socket } from "socket.io";
import type { ClientToServer, Fact, Notice, ServerToClient } from "../../wire/live.ts";
import type { LiveLimits, Viewer } from "./ports.ts";
import type { Target } from "./rooms.ts";

export type LiveSocket = Socket<ClientToServer, ServerToClient>;
export interface Membership {
  target: Target;
  /** Facts that came while the snapshot was on its way; null: it has been sent. */
  waiting: Fact[] | null;
  /** Version up to which the client has been told. */
  v: number;
  tickedAt: number;
}

export class Connection {
  readonly rooms = new Map<string, Membership>();
  /** Notices that it has been told of and has not acknowledged. */
  readonly unread = new Map<string, Notice>();
  isOver = false;
  #tokens: number;
  #filledAt: number;
  #fullSince: number | null = null;

  constructor(
    readonly socket: LiveSocket,
    public viewer: Viewer,
    private readonly limits: LiveLimits,
    private readonly tick: () => number,
  ) {
    this.#tokens = limits.messagesAtOnce;
    this.#filledAt = tick();
  }

  /** May it say one more thing now? */
  maySpeak(): boolean {
    const now = this.tick();
    const { messagesPerS, messagesAtOnce } = this.limits;
    const earned = (now - this.#filledAt) / 1000 * messagesPerS;
    this.#tokens = Math.min(messagesAtOnce, this.#tokens + earned);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  unsentBytes(): number {
    const { transport, writeBuffer } = this.socket.conn as unknown as {
      transport?: { socket?: { bufferedAmount?: number } };
      writeBuffer?: { data?: unknown }[];
    };
    const queued = (writeBuffer ?? []).reduce(
      (sum, { data }) => sum + (typeof data === "string" ? data.length : 0),
      0,
    );
    return (transport?.socket?.bufferedAmount ?? 0) + queued;
  }
  /** Ticks are left out first: old ones are worth nothing. */
  isBehind(): boolean {
    return this.unsentBytes() > this.limits.tickBytes;
  }
  /** Wall rows may be left out: a slow reader gets only what counts. */
  isCrowded(): boolean {
    return this.unsentBytes() > this.limits.bufferBytes;
  }
  /** Full for a whole head interval, or far over: it is better off starting anew. */
  isHopeless(): boolean {
    const unsent = this.unsentBytes();
    if (unsent <= this.limits.bufferBytes) this.#fullSince = null;
    else this.#fullSince ??= this.tick();
    return unsent > this.limits.bufferBytesMax ||
      (this.#fullSince !== null && this.tick() - this.#fullSince >= this.limits.headMs);
  }
}
