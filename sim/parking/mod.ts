// A parking system in small: believes signed requests alone, keeps what it was told of each bay, and says
// whether a car stands there, as the test or drill has put it.
import { createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type ParkingBay, type ParkingEvent, parkingEvent } from "../../wire/parking.ts";

export const PARKING_PATH = "/parking/";
const LEVERS = "/parking/sandbox/";
const BODY_BYTES_MAX = 64 * 1024;
const OLD_MS = 300_000;
/** Bays remembered; a sandbox is not asked for more. */
const BAYS_MAX = 2_000;

interface Bay {
  state: ParkingBay["state"];
  events: ParkingEvent[];
}

export class ParkingSystem {
  readonly #bays = new Map<string, Bay>();
  /** Turned away since a signature was wrong or old. */
  refused = 0;

  constructor(private readonly key: string, private readonly now: () => number) {}

  #bay(name: string): Bay {
    const known = this.#bays.get(name);
    if (known) return known;
    const fresh: Bay = { state: "unknown", events: [] };
    this.#bays.set(name, fresh);
    if (this.#bays.size > BAYS_MAX) this.#bays.delete(this.#bays.keys().next().value!);
    return fresh;
  }

  /** For tests and drills: what it was told, and what its sensor sees. */
  look(name: string): Bay {
    return this.#bay(name);
  }
  put(name: string, state: ParkingBay["state"]): void {
    this.#bay(name).state = state;
  }

  believes(
    { time, signature, method, path, body }: Record<
      "time" | "signature" | "method" | "path" | "body",
      string
    >,
  ): boolean {
    const text = [time, method, path, body].join("\n");
    const right = createHmac("sha256", this.key).update(text).digest();
    const given = Buffer.from(signature, "base64url");
    const fresh = Math.abs(this.now() - Number(time)) <= OLD_MS;
    const ok = fresh && given.length === right.length && timingSafeEqual(given, right);
    if (!ok) this.refused++;
    return ok;
  }

  /** The same id twice is one event. */
  take(event: ParkingEvent): void {
    const bay = this.#bay(`${event.pileId}/${event.connector}`);
    if (!bay.events.some(({ id }) => id === event.id)) bay.events.push(event);
  }
}

export async function serveParking(
  parking: ParkingSystem,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const say = (status: number, body: unknown = {}) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  };
  const body = await read(request);
  if (body === null) return say(413);
  const { pathname } = new URL(request.url ?? "/", "http://parking");
  const { method = "GET" } = request;
  if (pathname.startsWith(LEVERS)) return lever(parking, { method, pathname, body }, say);
  const path = pathname.slice(PARKING_PATH.length - 1);
  const header = (name: string) => String(request.headers[name] ?? "");
  const signed = {
    time: header("x-chargeward-time"),
    signature: header("x-chargeward-signature"),
    method,
    path: pathname,
    body,
  };
  if (!parking.believes(signed)) return say(401, { code: "signature" });
  const [, bays, pileId = "", connector = "", events] = path.split("/");
  const name = `${decodeURIComponent(pileId)}/${connector}`;
  if (bays !== "bays") return say(404);
  if (method === "GET" && events === undefined) {
    return say(200, { state: parking.look(name).state });
  }
  if (method !== "POST" || events !== "events") return say(405);
  const told = parkingEvent.safeParse(JSON.parse(body));
  if (!told.success || `${told.data.pileId}/${told.data.connector}` !== name) return say(400);
  parking.take(told.data);
  say(200);
}

/** What stands at a bay and what was told of it, set and seen from outside. */
function lever(
  parking: ParkingSystem,
  { method, pathname, body }: Record<"method" | "pathname" | "body", string>,
  say: (status: number, body?: unknown) => void,
): void {
  const name = decodeURIComponent(pathname.slice(LEVERS.length));
  if (method === "GET") return say(200, parking.look(name));
  const { state } = JSON.parse(body) as { state: ParkingBay["state"] };
  parking.put(name, state);
  say(204);
}

async function read(request: IncomingMessage): Promise<string | null> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > BODY_BYTES_MAX) return null;
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}
