// The HTTP gateway on a fake client, a directory in memory and a clock that only tests move.
import type { OpenAPIHono } from "@hono/zod-openapi";
import { Secret } from "otpauth";
import {
  createHttp,
  createIdentity,
  defaultCodeRates,
  demoRates,
  type HttpDeps,
  type Identity,
} from "../../server/http/mod.ts";
import { hashPassword } from "../../server/http/sign-in/passwords.ts";
import { totpOf } from "../../server/http/sign-in/ops-users.ts";
import type { Clock, Log, Metrics } from "../../server/ports.ts";
import { entityId } from "../../server/runtime/mod.ts";
import { newTrace } from "../../server/trace.ts";
import type { OpsRole } from "../../wire/http-ops.ts";
import { memoryDirectory } from "../../server/store/memory-directory.ts";
import { createBoard, type Views } from "../../server/views/mod.ts";
import { FakeClient } from "./fake-client.ts";
import { memoryPhotos } from "./memory-photos.ts";

export class TestClock implements Clock {
  constructor(public at = Date.parse("2026-03-02T04:00:00Z")) {}
  now = () => this.at;
  tick = () => this.at;
  after(ms: number, run: () => void) {
    const timer = setTimeout(run, ms);
    return { cancel: () => clearTimeout(timer) };
  }
}
export const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };
export const uncounted: Metrics = { count() {}, gauge() {}, observe() {} };

const nothing = () => Promise.resolve({ items: [], next: null });
export const noViews: Views = {
  orders: nothing,
  piles: nothing,
  incidents: nothing,
  reservations: nothing,
  noShows: nothing,
  approvals: nothing,
  campaigns: nothing,
  walletLines: nothing,
  cases: nothing,
  payments: () => Promise.resolve([]),
  paymentsChanged: () => Promise.resolve([]),
  notices: nothing,
  tickets: nothing,
  patrols: nothing,
  timeline: nothing,
  curve: () => Promise.resolve([]),
  pastCharges: () => Promise.resolve([]),
  lagMs: () => 0,
};

export interface Sms {
  phone: string;
  code: string;
}
export interface HttpWorld {
  app: OpenAPIHono;
  deps: HttpDeps;
  identity: Identity;
  client: FakeClient;
  clock: TestClock;
  sent: Sms[];
  revoked: string[];
  call(
    method: string,
    path: string,
    options?: { body?: unknown; text?: string; headers?: Record<string, string> },
  ): Promise<Response>;
  driver(phone?: string): Promise<{ userId: string; refresh: string; headers: Headers1 }>;
  /** Signed in to the console, with cookie and CSRF token. */
  console(name?: string): Promise<Headers1>;
  /** A fresh key minted now. */
  key(): string;
}
type Headers1 = Record<string, string>;

export const SECRET = "test-secret-of-at-least-32-characters";
export const VAULT_KEY = Buffer.alloc(32, 7).toString("base64");

/** What a callback is answered. */
const heard = () => Promise.resolve({ status: 200, body: "{}", contentType: "application/json" });

/** One run of a drill at a time. */
const oneDrill: HttpDeps["drills"] = {
  setMode: ({ runId }) => Promise.resolve(runId !== "drl_second"),
  without: () => new Set(),
  sayRequested: () => {},
  requested: () => Promise.resolve(),
};

export async function httpWorld(more: Partial<HttpDeps> = {}): Promise<HttpWorld> {
  const clock = new TestClock();
  const client = new FakeClient();
  const directory = memoryDirectory(clock);
  const sent: Sms[] = [];
  const revoked: string[] = [];
  registers(client);
  const identity = await createIdentity({
    client,
    directory,
    clock,
    tokenSecret: SECRET,
    vaultKey: VAULT_KEY,
    sms: postTo(sent),
    mail: postTo(sent),
    codeRates: defaultCodeRates,
    entityId,
    announceRevoked: (_tenant, sid) => void revoked.push(sid),
  });
  const deps: HttpDeps = {
    tenant: "main",
    client,
    directory,
    clock,
    log: quiet,
    metrics: uncounted,
    newTrace: () => newTrace(0, Math.random),
    registry: { metrics: () => Promise.resolve("up 1\n"), contentType: "text/plain" },
    identity,
    board: createBoard({ clock, viewOf: (_kind, state) => state }),
    views: noViews,
    photos: memoryPhotos(),
    reconcile: () => Promise.resolve({ ok: false, why: "unavailable" }),
    nodes: { look: () => Promise.resolve([]), stop() {} },
    entityId,
    isKind: (kind) => kind !== "unheard-of",
    rates: demoRates,
    platformKey: "cGs=",
    vaultKey: VAULT_KEY,
    publicUrl: "http://charge.test",
    askAudit: () => {},
    noShowSpanMs: 30 * 86_400_000,
    pushKey: "public-key",
    mayPushTo: (endpoint) => endpoint.startsWith("https://push.test/"),
    lockPartners: ["maker"],
    lockCallback: heard,
    payCallback: heard,
    drills: oneDrill,
    notReady: () => [],
    pages: { driver: "/nowhere", ops: "/nowhere" },
    ...more,
  };
  const app = createHttp(deps);
  const world = { app, deps, identity, client, clock, sent, revoked };
  return { ...world, ...callers(world) };
}

/** Keeps the codes that are sent, to a phone or an address. */
const postTo = (sent: Sms[]) => ({
  send: (_tenant: string, phone: string, { code = "" }: { code?: string }) =>
    Promise.resolve(void sent.push({ phone, code })),
});

function registers(client: FakeClient): void {
  const users = new Map<string, string>();
  client.onAsk("user.RegisterUser", ({ to, body }) => {
    users.set(to.id, String(body.agreementVersion));
    return { body: null, v: 1 };
  });
  client.onRead("user.show", ({ to }) => {
    const agreementVersion = users.get(to.id);
    if (agreementVersion === undefined) return { refused: { code: "user.unknown" } };
    const credit = { limitFen: 5_000, paidMin: 3 };
    const reserving = { openReservations: [], noShows: 0 };
    const lists = { openOrders: [], debts: [], bindings: [], credit, ...reserving };
    const registeredAt = "2026-03-02T04:00:00.000Z";
    const head = { id: to.id, v: 1, registeredAt, agreementVersion, blocked: false };
    return { body: { ...head, ...lists } };
  });
}

type Bare = Omit<HttpWorld, "call" | "driver" | "console" | "key">;
function callers({ app, clock, sent, deps }: Bare) {
  const call: HttpWorld["call"] = async (method, path, { body, text, headers = {} } = {}) => {
    const payload = text ?? (body === undefined ? undefined : JSON.stringify(body));
    return await app.request(path, {
      method,
      headers: { ...(payload === undefined ? {} : JSON_TYPE), ...headers },
      ...(payload === undefined ? {} : { body: payload }),
    });
  };
  return {
    call,
    key: () => ulidAt(clock.now()),
    async driver(phone = "13800000001") {
      await call("POST", "/v1/auth/code", { body: { phone } });
      const { code } = sent.at(-1)!;
      const answer = await call("POST", "/v1/auth/sessions", {
        body: { phone, code, device: "test" },
      });
      const { token, refresh, user } = await answer.json();
      const headers = { authorization: `Bearer ${token}` };
      return { userId: user.id as string, refresh: refresh as string, headers };
    },
    async console(name = "admin") {
      const { password, totpSecret } = await opsUser(deps.identity, name);
      const first = await call("POST", "/v1/ops/auth/password", { body: { name, password } });
      const { ticket } = await first.json();
      const code = totpOf(totpSecret).generate({ timestamp: clock.now() });
      const second = await call("POST", "/v1/ops/auth/mfa", { body: { ticket, code } });
      const cookie = second.headers.get("set-cookie")!.split(";")[0]!;
      return { cookie, "x-csrf": (await second.json()).csrf as string };
    },
  };
}
/** A console user of that role, whose password takes no time to check. */
async function opsUser({ opsUsers }: Identity, name: string) {
  const [password, totpSecret] = [`password of ${name}`, new Secret({ size: 20 }).base32];
  const totp = opsUsers.sealTotp(name, totpSecret);
  const known = await opsUsers.byName(name);
  const passwordHash = await hashPassword(password, CHEAP);
  const roles = [name as OpsRole];
  const head = { id: `ops_${name}`, name, tenant: "main", passwordHash, totp, roles };
  await opsUsers.put({ ...head, lastStep: known?.lastStep ?? 0, scope: null, isDisabled: false });
  return { password, totpSecret };
}
const CHEAP = 1024;

const JSON_TYPE = { "content-type": "application/json" };

const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
let minted = 0;
/** A key minted at that moment; no two are the same. */
export function ulidAt(at: number): string {
  const digits = (value: number, length: number) => {
    let text = "";
    for (let i = 0, rest = value; i < length; i++, rest = Math.floor(rest / 32)) {
      text = CROCKFORD[rest % 32]! + text;
    }
    return text;
  };
  return digits(at, 10) + digits(++minted, 16);
}
