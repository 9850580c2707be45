// The push service's HTTP, on a server of others: subscribe, deliver (what the platform does), look.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { PushService } from "./service.ts";

export const PUSH_PATH = "/push/";
const SUBSCRIBE = "/push/subscriptions";
const BODY_BYTES_MAX = 64 * 1024;

export async function servePush(
  service: PushService,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const say = (status: number, body?: unknown) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(body === undefined ? "" : JSON.stringify(body));
  };
  const origin = `http://${request.headers.host ?? ""}`;
  const { pathname } = new URL(request.url ?? "/", "http://push");
  const body = await bytesOf(request);
  if (body === null) return say(413);
  if (request.method === "GET") {
    const messages = service.sealedAt(pathname);
    return messages ? say(200, { messages }) : say(410);
  }
  if (request.method !== "POST") return say(405);
  if (pathname === SUBSCRIBE) {
    const { key } = JSON.parse(body.toString("utf8")) as { key?: unknown };
    if (typeof key !== "string") return say(400);
    return say(201, { endpoint: `${origin}${service.subscribe(key)}` });
  }
  const header = (name: string) => request.headers[name]?.toString() ?? null;
  say(await service.take(pathname, { header, body, origin }));
}

async function bytesOf(request: IncomingMessage): Promise<Buffer | null> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > BODY_BYTES_MAX) return null;
    parts.push(part);
  }
  return Buffer.concat(parts);
}
