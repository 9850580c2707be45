// What operators see of the machinery: every process with its figures, what is parked, and trying a
// parked lane again, which is kept with who did it, why and what it came to.
import * as z from "zod";
import type { Reply } from "../../../wire/envelope.ts";
import {
  type NodeSeen,
  nodesSeen,
  type ParkedSeen,
  parkedSeen,
  type RetryBody,
  retryBody,
  type RetryDone,
  retryDone,
  type RetryOutcome,
} from "../../../wire/report.ts";
import { isoOf } from "../../../wire/units.ts";
import { type Answer, answered, isNo, no, ok } from "../answer.ts";
import { command } from "../command.ts";
import type { HttpDeps } from "../deps.ts";
import { once } from "../once.ts";
import { type Asked, type Route, route } from "../route.ts";
import type { Who } from "../who.ts";
import { actorParams } from "./ops-watch.ts";

const base = { tag: "ops nodes", key: "exempt" as const, method: "GET" as const };
const RETRIES = "retries";
const KEPT_MS = 90 * 24 * 3_600_000;
const SHOWN = 20;
/** A call that works is answered by then; a pile that is asked may take longer. */
const OUTCOME_MS = 3_000;
const LOOK_MS = 150;
/** Reserved by the runtime: an actor sees to what it has open. */
const WAKE = "$wake";

export function opsNodeRoutes(deps: HttpDeps): Route[] {
  return [nodesRoute(deps), parkedRoute(deps), retryRoute(deps)];
}

function nodesRoute({ nodes, clock }: HttpDeps): Route {
  return route({
    ...base,
    path: "/v1/ops/nodes",
    summary: "Every process of the platform: actors, appends, queues, archive, circuits",
    answers: { 200: nodesSeen },
    async handle({ who, tenant }) {
      const seen = await nodes.look();
      return ok({ asOf: isoOf(clock.now()), nodes: seen.map((one) => forEyes(one, who, tenant)) });
    },
  });
}

/** Actors are named to those who may see all of their own tenant; counts are for everybody. */
function forEyes(seen: NodeSeen, who: Who, tenant: string): NodeSeen {
  const actors = seen.report?.actors;
  if (!seen.report || !actors) return seen;
  const mine = <T extends { actor: { tenant: string } }>(all: T[]) =>
    all.filter(({ actor }) => seesAll(who) && actor.tenant === tenant);
  return {
    ...seen,
    report: {
      ...seen.report,
      actors: {
        ...actors,
        hottest: mine(actors.hottest),
        mailboxes: mine(actors.mailboxes),
        parked: actors.parked.filter(({ from }) => seesAll(who) && from.tenant === tenant),
        quarantined: actors.quarantined.filter((one) => seesAll(who) && one.tenant === tenant),
      },
    },
  };
}
const seesAll = (who: Who): boolean => who.kind === "ops" && who.user.scope === null;

function parkedRoute(deps: HttpDeps): Route {
  return route({
    ...base,
    path: "/v1/ops/parked",
    summary: "Effects of actors that failed again and again, and the last retries by hand",
    answers: { 200: parkedSeen },
    async handle({ who, tenant }) {
      const seen = await deps.nodes.look();
      const silent = seen.filter(({ report }) => report === null).map(({ node }) => node);
      const retries = seesAll(who) ? await lastRetries(deps, tenant) : [];
      const items = parkedIn(seen.map((one) => forEyes(one, who, tenant)))
        .filter((item) => !retries.some((done) => settles(done, item, deps.clock.now())));
      return ok({ asOf: isoOf(deps.clock.now()), items, silent, retries });
    },
  });
}

type Items = ParkedSeen["items"];

function parkedIn(seen: readonly NodeSeen[]): Items {
  const found = new Map<string, Items[number]>();
  const closed = quarantinedIn(seen);
  for (const { node, report } of seen) {
    for (const item of report?.actors?.parked ?? []) {
      const key = `${item.from.tenant}/${item.id}`;
      const { nodes = [], failures = 0 } = found.get(key) ?? {};
      const most = Math.max(failures, item.failures);
      const target = item.to.split(" ")[0]!;
      const cause = item.cause ?? (closed.has(target) ? `${target} is quarantined` : undefined);
      const known = cause === undefined ? {} : { cause };
      found.set(key, { ...item, ...known, nodes: [...nodes, node], failures: most });
    }
  }
  return [...found.values()].sort((a, b) => b.ageMs - a.ageMs);
}

/** Actors that serve stops alone: what waits for one of them waits for that. */
const quarantinedIn = (seen: readonly NodeSeen[]): ReadonlySet<string> =>
  new Set(
    seen.flatMap(({ report }) =>
      (report?.actors?.quarantined ?? []).map(({ kind, id }) => `${kind}/${id}`)
    ),
  );

/** A node that held it beside the one that delivered it hears of that at its own next try. */
const NEWS_MS = 35_000;
function settles(done: RetryDone, { from, lane }: Items[number], now: number): boolean {
  return done.outcome === "delivered" && now - Date.parse(done.at) < NEWS_MS &&
    done.actor.kind === from.kind && done.actor.id === from.id &&
    (done.lane === null || done.lane === lane);
}

const retriesOf = ({ directory }: HttpDeps) =>
  directory.bucket<RetryDone>(RETRIES, { ttlMs: KEPT_MS });

async function lastRetries(deps: HttpDeps, tenant: string): Promise<RetryDone[]> {
  const entries = await (await retriesOf(deps)).entries(`${tenant}/`);
  return entries.map(({ value }) => value).sort((a, b) => a.at < b.at ? 1 : -1).slice(0, SHOWN);
}

function retryRoute(deps: HttpDeps): Route {
  return route({
    tag: "ops nodes",
    key: "needed",
    method: "POST",
    path: "/v1/ops/parked/{kind}/{id}/retry",
    summary: "Try a parked lane of an actor at once, with a reason",
    params: actorParams,
    body: retryBody,
    answers: { 200: retryDone },
    async handle(asked) {
      if (!seesAll(asked.who)) return no("auth.forbidden");
      if (!deps.isKind(asked.params.kind)) return no("request.not-found", { ...asked.params });
      const first = await once(deps.directory, asked);
      if (isNo(first)) return first;
      const kept = await retriesOf(deps);
      const key = `${asked.tenant}/${asked.principal.id}/${asked.key}`;
      const before = await kept.get(key);
      if (before && before.value.outcome !== "trying") {
        return { ...ok(before.value), replay: true };
      }
      return await retry(deps, asked, async (done) => void await kept.put(key, done));
    },
  });
}

type Wanted = Asked<z.output<typeof actorParams>, unknown, RetryBody>;

async function retry(
  deps: HttpDeps,
  asked: Wanted,
  keep: (done: RetryDone) => Promise<void>,
): Promise<Answer> {
  const { params: actor, body: { lane, reason }, principal: { id: by }, traceId: trace } = asked;
  const done = { at: isoOf(deps.clock.now()), by, actor, lane: lane ?? null, reason };
  const before = await parkedAt(deps, asked);
  await keep({ ...done, outcome: "trying" });
  deps.log.warn({ audit: "outbox.retry", ...done, items: before.length, trace }, "lane is retried");
  const reply: Reply | null = await command(deps.client, asked, {
    to: actor,
    type: WAKE,
    body: lane === undefined ? {} : { lane },
  });
  if (reply === null) return no("key.clock");
  if (!reply.ok) return answered(reply, () => ok(null));
  const outcome = before.length === 0 ? "gone" : await outcomeOf(deps, asked, before);
  await keep({ ...done, outcome });
  deps.log.warn({ audit: "outbox.retry", ...done, outcome, trace }, "lane was retried");
  return ok({ ...done, outcome });
}

async function parkedAt({ nodes }: HttpDeps, { params, body, tenant }: Wanted): Promise<Items> {
  return parkedIn(await nodes.look()).filter(({ from, lane }) =>
    from.tenant === tenant && from.kind === params.kind && from.id === params.id &&
    (body.lane === undefined || body.lane === lane)
  );
}

/** What became of the items: looked at until each is gone or has failed once more. */
async function outcomeOf(deps: HttpDeps, asked: Wanted, before: Items): Promise<RetryOutcome> {
  const { clock, nodes } = deps;
  const until = clock.tick() + OUTCOME_MS;
  for (;;) {
    const seen = await nodes.look();
    const states = before.map((item) => stateOf(seen, item));
    if (!states.includes("trying")) {
      return states.includes("failed-again") ? "failed-again" : "delivered";
    }
    if (clock.tick() >= until) return "trying";
    await new Promise<void>((go) => clock.after(LOOK_MS, go));
  }
}

/** Gone from a node that had it: answered. One that is silent says nothing. */
function stateOf(seen: readonly NodeSeen[], before: Items[number]): RetryOutcome {
  const states = before.nodes.map((node): RetryOutcome => {
    const report = seen.find((one) => one.node === node)?.report;
    const after = report?.actors?.parked.find(({ id }) => id === before.id);
    if (!after) return report ? "delivered" : "trying";
    return after.failures > before.failures ? "failed-again" : "trying";
  });
  if (states.includes("delivered")) return "delivered";
  return states.includes("failed-again") ? "failed-again" : "trying";
}
