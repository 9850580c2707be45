// When payments are compared: each five minutes by questions, each day by the file of the day before,
// again each hour while one of its cases is open. One process does it, whoever took the turn.
import type { Client } from "../ports.ts";
import {
  chinaDay,
  chinaHour,
  createReconciler,
  DAY_MS,
  type Reconciler,
} from "../reconcile/mod.ts";
import { ARCHIVE, READINGS } from "../store/mod.ts";
import { mongoViews, type Views } from "../views/mod.ts";
import type { Base } from "./base.ts";
import type { Outside } from "./outside.ts";

/** How soon a drill's own short time is noticed, in the demo alone. */
const DRILL_LOOK_MS = 1_000;
/** WeChat Pay makes the file at 9, Alipay before 9; both say 10. */
const BILL_HOUR = 10;
const TURN_TTL_MS = 26 * 3_600_000;

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
      views.paymentsChanged(tenant, { by, fromAt, toAt }),
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

/** Whose payments are compared, how often, and of which day the file is due. */
interface Round {
  /** Absent: everybody's. */
  userId?: string;
  everyMs: number;
  day: string | null;
  /** The file of that day is read once in each of these. */
  dayTurn: string;
}

/** Everybody's, and those of drivers in a drill, whose times are shorter and whose day is over now. */
function roundsOf({ config, clock, drills }: Base): Round[] {
  const now = clock.now();
  const { reconcileMs } = config.CHARGEWARD_SETTINGS;
  const hour = chinaHour(now);
  const day = hour >= BILL_HOUR ? chinaDay(now - DAY_MS) : null;
  const own = (drills?.runs ?? []).flatMap(({ ids, settings }): Round[] => {
    const everyMs = settings.reconcileMs;
    if (everyMs >= reconcileMs) return [];
    const dayTurn = String(Math.floor(now / everyMs));
    return [...ids].filter((id) => id.startsWith("usr_"))
      .map((userId) => ({ userId, everyMs, day: chinaDay(now), dayTurn }));
  });
  return [{ everyMs: reconcileMs, day, dayTurn: String(hour) }, ...own];
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
  const lookMs = drills ? Math.min(DRILL_LOOK_MS, reconcileMs) : reconcileMs;
  let timer: { cancel(): void } | null = null;
  let isStopped = false;
  let nextAt = clock.tick() + reconcileMs;
  const compare = async ({ userId, everyMs, day, dayTurn }: Round): Promise<void> => {
    const turns = await directory.bucket<number>("reconcile-turns", { ttlMs: TURN_TTL_MS });
    const now = clock.now();
    const mine = async (turn: string) => await turns.create(turn, now) !== null;
    for (const by of outside.payment?.providers ?? []) {
      const whose = userId === undefined ? by : `${by}/${userId}`;
      if (await mine(`now/${whose}/${Math.floor(now / everyMs)}`)) {
        await reconciler.now(by, everyMs, userId);
      }
      const isDue = day !== null && await mine(`day/${whose}/${day}/${dayTurn}`) &&
        (await turns.get(`done/${by}/${day}`)) === null;
      if (!isDue) continue;
      const done = await reconciler.day(by, day, "daily", userId);
      if (userId === undefined && done.ok && done.view.open === 0) {
        await turns.put(`done/${by}/${day}`, now);
      }
    }
  };
  const look = async (): Promise<void> => {
    const isTime = clock.tick() >= nextAt;
    if (isTime) nextAt = clock.tick() + reconcileMs;
    for (const round of roundsOf(base)) {
      if (isTime || round.userId !== undefined) await compare(round);
    }
  };
  const again = (): void => {
    timer = clock.after(lookMs, () => {
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
