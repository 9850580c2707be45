// A socket for tests: says what it is told to say, remembers what was sent, answers as scripted.
import type { LiveSocket } from "./room-keeper.ts";

type Take = (...args: unknown[]) => void;

export class FakeSocket implements LiveSocket {
  connected = false;
  connects = 0;
  readonly sent: { event: string; body: unknown }[] = [];
  answer: (event: string, body: unknown) => Promise<unknown> = () => Promise.resolve({});
  readonly #takes = new Map<string, Take[]>();

  on(event: string, take: (...args: never[]) => void): this {
    this.#takes.set(event, [...(this.#takes.get(event) ?? []), take as Take]);
    return this;
  }
  emit(event: string, body?: unknown): void {
    this.sent.push({ event, body });
  }
  timeout(): { emitWithAck(event: string, body?: unknown): Promise<unknown> } {
    return {
      emitWithAck: (event, body) => {
        this.sent.push({ event, body });
        return this.answer(event, body);
      },
    };
  }
  connect(): void {
    this.connects++;
  }
  disconnect(): void {
    this.drop("io client disconnect");
  }

  /** The server's side: says something to the client. */
  say(event: string, ...args: unknown[]): void {
    for (const take of this.#takes.get(event) ?? []) take(...args);
  }
  come(): void {
    this.connected = true;
    this.say("connect");
  }
  drop(reason = "transport close"): void {
    this.connected = false;
    this.say("disconnect", reason);
  }
  of(event: string): unknown[] {
    return this.sent.filter((one) => one.event === event).map(({ body }) => body);
  }
}
