// Where attacks are tried: one real platform with a victim (orders, payments, a bound account), a
// stranger with a session of their own, console users of each role, and a plain way to send anything.
import { type Driver, newKey, Ops, type Pile, type PileMade } from "../../../sim/mod.ts";
import { errorBody } from "../../../wire/http.ts";
import type { OpsRole } from "../../../wire/http-ops.ts";
import { accountOf, connectPile, openPlace, type Place, richDriver } from "../place.ts";
import type { Program } from "../processes.ts";
import { startWorld, type World } from "../world.ts";
import { scopedOperator } from "./scoped.ts";

export type Headers1 = Record<string, string>;
/** What came back: the code of our error form, or the body's own words. */
export interface Said {
  status: number;
  code: string;
  trace: string;
  body: unknown;
}
export interface Ask {
  method: string;
  path: string;
  headers?: Headers1;
  body?: unknown;
  /** Instead of `body`: as it is. */
  raw?: BodyInit;
  /** No key is added. */
  keyless?: boolean;
}
export interface Attack extends Ask {
  name: string;
  status: number;
  code: string;
}
export type Role = OpsRole | "scoped";

export interface Ground extends AsyncDisposable {
  world: World;
  server: Program;
  place: Place;
  pile: Pile;
  made: PileMade;
  ocppMade: PileMade;
  victim: Driver;
  stranger: Driver;
  /** Headers by which somebody is known. */
  of(who: Driver | Role): Headers1;
  owned: { orderId: string; paidOrderId: string; paymentId: string; ticketId: string };
  say(ask: Ask): Promise<Said>;
}

const ROLES: OpsRole[] = ["viewer", "service", "operator", "finance"];

export async function openGround(): Promise<Ground> {
  const stack = new AsyncDisposableStack();
  const world = stack.use(await startWorld({ sync: "100ms" }));
  const server = await world.startServer();
  const dataDir = `${world.dir}/node-1`;
  const place = await openPlace(server.url, dataDir);
  const made = await place.addPile("BAD-1", "native");
  const ocppMade = await place.addPile("BAD-OCPP", "ocpp1.6");
  const pile = await connectPile(world, server.url, made, "native");
  stack.defer(() => pile.stop());
  const [victim, stranger] = [await richDriver(server.url, 1), await richDriver(server.url, 2)];
  const consoles = new Map<Role, Headers1>([["admin", place.ops.api.headers]]);
  for (const role of ROLES) {
    const { api } = await Ops.signIn(server.url, await accountOf(dataDir, role));
    consoles.set(role, api.headers);
  }
  const { api } = await Ops.signIn(server.url, await scopedOperator(world));
  consoles.set("scoped", api.headers);
  const paidOrderId = await charge(victim, made.id);
  const recharge = await victim.api.post<{ paymentId: string }>("/v1/wallet/recharges", {
    fen: 100,
    by: "wechat",
  });
  const orderId = await begin(victim, made.id);
  const { ticketId } = await victim.api.post<{ ticketId: string }>("/v1/help", { orderId });
  return {
    world,
    server,
    place,
    pile,
    made,
    ocppMade,
    victim,
    stranger,
    owned: { orderId, paidOrderId, paymentId: recharge.paymentId, ticketId },
    of: (who) => typeof who === "string" ? consoles.get(who)! : who.api.headers,
    say: (ask) => say(server.url, ask),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

async function begin(driver: Driver, pileId: string): Promise<string> {
  const started = await driver.start({ pileId, autoCapture: true });
  await driver.until(started.id, ["charging"], 20_000);
  return started.id;
}

/** From the tap to paid. */
export async function charge(driver: Driver, pileId: string): Promise<string> {
  const id = await begin(driver, pileId);
  await driver.stop(id);
  await driver.until(id, ["paid"], 20_000);
  return id;
}

export async function say(origin: string, ask: Ask): Promise<Said> {
  const { method, path, headers = {}, body, raw, keyless = false } = ask;
  const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const isKeyed = method !== "GET" && !keyless;
  const response = await fetch(origin + path, {
    method,
    headers: {
      ...(isKeyed ? { "Idempotency-Key": newKey() } : {}),
      ...(sent === undefined ? {} : { "Content-Type": "application/json" }),
      ...headers,
    },
    redirect: "manual",
    signal: AbortSignal.timeout(30_000),
    ...(sent === undefined ? {} : { body: sent }),
  });
  const text = await response.text();
  const trace = response.headers.get("x-trace-id") ?? "";
  const shown: unknown = text.startsWith("{") ? JSON.parse(text) : text;
  const refused = errorBody.safeParse(shown);
  const { code = "", message = "" } = shown as { code?: string; message?: string };
  return {
    status: response.status,
    code: refused.success ? refused.data.code : code === "FAIL" ? message : code,
    trace,
    body: shown,
  };
}
