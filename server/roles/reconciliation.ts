// When payments are compared: each five minutes by questions, each day by the file of the day before,
// again each hour while one of its cases is open, and what could not be compared on the days after.
// One process does it, whoever took the turn.
import type { Client, Clock, Directory, Log } from "../ports.ts";
import { allOf, createReconciler, type Reconciler, type Round, roundOf } from "../reconcile/mod.ts";
import { ARCHIVE, READINGS } from "../store/mod.ts";
import { mongoViews, type Views } from "../views/mod.ts";
import type { Base } from "./base.ts";
import type { Outside } from "./outside.ts";

/** How soon a drill's own short time is noticed, in the demo alone. */
const DRILL_LOOK_MS = 1_000;
const TURN_TTL_MS = 26 * 3_600_000;
/** Longer than a day is tried. */
const DONE_TTL_MS = 10 * 24 * 3_600_000;

export function openReconciler(
  { config, clock, log, metrics, drills }: Base,
  client: Client,
  { payment }: Outside,
  views: Pick<Views, "payments" | "paymentsChanged">,
): Reconciler | null {
  if (!payment) return null;
  const tenant = config.CHARGEWARD_TENANT;
  const payments = {
    byIds: (ids: readonly string[]) => views.payments(tenant, ids),
    changed: (by: string, fromAt: number, toAt: number) =>
      allOf((from) => views.paymentsChanged(tenant, { by, fromAt: from, toAt }), fromAt),
  };
  const without = drills && ((id: string) => drills.without(id));
  return createReconciler({
    tenant,
    client,
    payment,
    payments,
    clock,
    log,
    metrics,
    ...(without && { without }),
  });
}

/** Everybody's round, and those of drivers in a drill, whose times are shorter and whose day is over. */
function roundsOf({ config, clock, drills }: Base): Round[] {
  const now = clock.now();
  const { reconcileMs } = config.CHARGEWARD_SETTINGS;
  const own = (drills?.runs ?? []).filter(({ settings }) => settings.reconcileMs < reconcileMs)
    .flatMap(({ ids, settings }) => {
      const drivers = [...ids].filter((id) => id.startsWith("usr_"));
      return drivers.map((userId) => roundOf(now, settings.reconcileMs, userId));
    });
  return [roundOf(now, reconcileMs), ...own];
}

/** Who took which turn, over all processes: each is taken once. */
async function openTurns(directory: Directory, clock: Clock) {
  const [turns, days, since] = await Promise.all([
    directory.bucket<number>("reconcile-turns", { ttlMs: TURN_TTL_MS }),
    directory.bucket<number>("reconcile-days", { ttlMs: DONE_TTL_MS }),
    directory.bucket<string>("reconcile-since"),
  ]);
  return {
    mine: async (turn: string) => await turns.create(turn, clock.now()) !== null,
    isDone: async (name: string) => await days.get(name) !== null,
    done: async (name: string) => void await days.put(name, clock.now()),
    /** The first day that is compared; nobody was there before. */
    async since(by: string, day: string): Promise<string> {
      await since.create(by, day);
      return (await since.get(by))?.value ?? day;
    },
  };
}
type Turns = Awaited<ReturnType<typeof openTurns>>;

async function compare(
  reconciler: Reconciler,
  turns: Turns,
  by: "wechat" | "alipay",
  { userId, everyMs, nowTurn, days }: Round,
): Promise<void> {
  const whose = userId === undefined ? by : `${by}/${userId}`;
  if (await turns.mine(`now/${whose}/${nowTurn}`)) await reconciler.now(by, everyMs, userId);
  const [newest] = days;
  if (!newest) return;
  const since = userId === undefined ? await turns.since(by, newest.day) : newest.day;
  for (const { day, turn, isLate } of days) {
    if (day < since || await turns.isDone(`${by}/${day}`)) continue;
    if (!await turns.mine(`day/${whose}/${day}/${turn}`)) continue;
    const found = await reconciler.day(by, day, "daily", userId);
    if (!found.ok && isLate) await reconciler.missed(by, day);
    if (found.ok && found.view.open === 0 && userId === undefined) await turns.done(`${by}/${day}`);
  }
}

/** Runs until `stop`. */
export function scheduleReconciliation(
  base: Base,
  client: Client,
  outside: Outside,
): { stop(): void } {
  const { clock, directory, drills, log, config, mongo: { db } } = base;
  const lagMs = () => 0;
  const views = mongoViews({ db, archive: ARCHIVE, readings: READINGS, lagMs });
  const reconciler = openReconciler(base, client, outside, views);
  if (!reconciler) return { stop: () => {} };
  const { reconcileMs } = config.CHARGEWARD_SETTINGS;
  let nextAt = clock.tick() + reconcileMs;
  const look = async (): Promise<void> => {
    const isTime = clock.tick() >= nextAt;
    if (isTime) nextAt = clock.tick() + reconcileMs;
    const rounds = roundsOf(base).filter(({ userId }) => isTime || userId !== undefined);
    if (rounds.length === 0) return;
    const turns = await openTurns(directory, clock);
    for (const round of rounds) {
      for (const by of outside.payment?.providers ?? []) {
        await compare(reconciler, turns, by, round);
      }
    }
  };
  return repeated(clock, log, drills ? Math.min(DRILL_LOOK_MS, reconcileMs) : reconcileMs, look);
}

/** One after the other, each so long after the one before. */
function repeated(
  clock: Pick<Clock, "after">,
  log: Log,
  everyMs: number,
  look: () => Promise<void>,
): { stop(): void } {
  let timer: { cancel(): void } | null = null;
  let isStopped = false;
  const again = (): void => {
    timer = clock.after(everyMs, () => {
      look().catch((error: unknown) => log.warn({ error: String(error) }, "reconciliation failed"))
        .finally(() => {
          if (!isStopped) again();
        });
    });
  };
  again();
  return {
    stop() {
      isStopped = true;
      timer?.cancel();
    },
  };
}
