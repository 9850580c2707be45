// What ops see of a drill: alerts as they ring, incidents as they are kept, records as they are archived.
import { io, type Socket } from "socket.io-client";
import type { Ops } from "../../sim/mod.ts";
import type { Alert, ClientToServer, ServerToClient, Watched } from "../../wire/live.ts";
import { Red, SEE_MS, until } from "./see.ts";

export interface Incident {
  id: string;
  row: string;
  cause: string;
  actor: string;
  words: string;
  action: string;
  outcome: string;
  facts: Record<string, unknown>;
}
export interface Recorded {
  v: number;
  at: string;
  type: string;
  by: { kind: string; id: string };
  command: string;
  event: Record<string, unknown>;
}

export class Console {
  readonly alerts: Alert[] = [];
  #socket: Socket<ServerToClient, ClientToServer> | null = null;
  constructor(private readonly url: string, readonly ops: Ops) {}

  /** Listens for alerts from now on. */
  async listen(): Promise<void> {
    const { token } = await this.ops.api.post<{ token: string }>("/v1/ops/live-token", {});
    const socket: Socket<ServerToClient, ClientToServer> = io(new URL("/ops", this.url).href, {
      path: "/live",
      transports: ["websocket"],
      auth: { token },
    });
    this.#socket = socket;
    socket.on("alert", (alert) => void this.alerts.push(alert));
    await new Promise<void>((done, fail) => {
      socket.on(
        "connect_error",
        (error) => fail(new Red(`console cannot listen: ${error.message}`)),
      );
      socket.on("connect", () => {
        socket.emit(
          "watch",
          { rooms: [{ room: "alerts" }] },
          (told: Watched | { code: string }) => {
            if ("code" in told) fail(new Red(`console cannot watch alerts: ${told.code}`));
            else done();
          },
        );
      });
    });
  }
  close(): void {
    this.#socket?.disconnect();
  }

  alert(words: string, isIt: (alert: Alert) => boolean, ms = SEE_MS): Promise<Alert> {
    return until(`alert ${words}`, () => this.alerts.find(isIt), ms);
  }

  /** Incidents of a row raised by one of these actors, newest first, as the console lists them. */
  async incidents(row: string, actors: readonly string[]): Promise<Incident[]> {
    const path = "/v1/ops/incidents";
    const { items } = await this.ops.api.get<{ items: Incident[] }>(path, { row, size: 100 });
    return items.filter(({ actor }) => actors.includes(actor));
  }

  /** Every event of an actor, oldest first, once the archive has all that there is now. */
  async records(kind: string, id: string): Promise<Recorded[]> {
    const { api } = this.ops;
    const { v, at } = await api.get<{ v: number; at: number }>(`/v1/ops/actors/${kind}/${id}`);
    const path = `/v1/ops/actors/${kind}/${id}/timeline`;
    return await until(`${kind}/${id} v${v} in the archive`, async () => {
      const all: Recorded[] = [];
      let asOf = 0;
      let cursor: string | null = null;
      do {
        const query = { size: 200, ...(cursor === null ? {} : { cursor }) };
        const page: Page = await api.get(path, query);
        all.push(...page.items);
        asOf = Date.parse(page.asOf);
        cursor = page.next;
      } while (cursor !== null);
      // a record that only remembers answers has no event: then its time must be archived
      const newest = all[0]?.v ?? 0;
      return (newest >= v || (newest > 0 && asOf > at + SETTLED_MS)) && all.toReversed();
    });
  }
}

interface Page {
  items: Recorded[];
  next: string | null;
  asOf: string;
}
/** `asOf` is measured now and then: this much later it is sure. */
const SETTLED_MS = 1_000;
