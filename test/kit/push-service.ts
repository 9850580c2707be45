// The sandbox's push service in this process, with what it took opened as the browser would, and able to
// misbehave.
import { type PushBrowser, pushBrowser, PushService as Service } from "../../sim/push/mod.ts";

export interface Pushed {
  path: string;
  payload: Record<string, unknown>;
  topic: string | null;
  urgency: string | null;
  ttl: number;
  /** Whom we may ask about the sender. */
  contact: unknown;
}
export interface Browser {
  subscription: { endpoint: string; keys: { p256dh: string; auth: string } };
}
export interface PushService extends AsyncDisposable {
  /** `host:port`, for CHARGEWARD_PUSH_HOSTS. */
  host: string;
  pushed: Pushed[];
  /** Answers to the next messages in place of 201; the message is not taken. */
  misbehave: (number | "hang")[];
  browser(): Browser;
}

/** `publicKey`: of the platform when a browser subscribes; what others signed is turned away. */
export function pushService(publicKey: () => string): PushService {
  const closing = new AbortController();
  const { signal } = closing;
  const service = new Service();
  const browsers = new Map<string, PushBrowser>();
  const pushed: Pushed[] = [];
  const misbehave: PushService["misbehave"] = [];

  async function take(request: Request): Promise<Response> {
    const { pathname: path, origin } = new URL(request.url);
    const wrong = browsers.has(path) ? misbehave.shift() : undefined;
    if (wrong === "hang") {
      await new Promise((done) => signal.addEventListener("abort", done));
      return new Response(null, { status: 500 });
    }
    if (wrong !== undefined) {
      const headers = { location: "http://127.0.0.1:1/elsewhere" };
      return new Response("no", { status: wrong, headers });
    }
    const header = (name: string) => request.headers.get(name);
    const body = new Uint8Array(await request.arrayBuffer());
    const status = await service.take(path, { header, body, origin });
    const sealed = service.sealedAt(path)?.at(-1);
    if (status === 201 && sealed) {
      const { at: _at, body: _body, ...more } = sealed;
      pushed.push({ path, payload: browsers.get(path)!.open(sealed), ...more });
    }
    return new Response(null, { status });
  }
  const options = { port: 0, hostname: "127.0.0.1", signal, onListen() {} };
  const server = Deno.serve(options, take);
  const host = `127.0.0.1:${server.addr.port}`;
  return {
    host,
    pushed,
    misbehave,
    browser() {
      const browser = pushBrowser();
      const path = service.subscribe(publicKey());
      browsers.set(path, browser);
      return { subscription: { endpoint: `http://${host}${path}`, keys: browser.keys } };
    },
    async [Symbol.asyncDispose]() {
      closing.abort();
      await server.finished;
    },
  };
}
