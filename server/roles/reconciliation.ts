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

const LOOK_MS = 300_000;
/** WeChat Pay makes the file at 9, Alipay before 9; both say 10. */
const BILL_HOUR = 10;
const TURN_TTL_MS = 26 * 3_600_000;

export function openReconciler(
  { config, clock, log, metrics }: Base,
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
  return createReconciler({ tenant, client, payment, payments, clock, log, metrics });
}

/** Runs until `stop`. */
export function scheduleReconciliation(
  base: Base,
  client: Client,
  outside: Outside,
): { stop(): void } {
  const { clock, directory, log, mongo: { db } } = base;
  const lagMs = () => 0;
  const views = mongoViews({ db, archive: ARCHIVE, readings: READINGS, lagMs });
  const reconciler = openReconciler(base, client, outside, views);
  if (!reconciler) return { stop: () => {} };
  let timer: { cancel(): void } | null = null;
  let isStopped = false;
  const look = async (): Promise<void> => {
    const turns = await directory.bucket<number>("reconcile-turns", { ttlMs: TURN_TTL_MS });
    const now = clock.now();
    const mine = async (turn: string) => await turns.create(turn, now) !== null;
    for (const by of outside.payment?.providers ?? []) {
      if (await mine(`now/${by}/${Math.floor(now / LOOK_MS)}`)) await reconciler.now(by);
      const day = chinaDay(now - DAY_MS);
      const isDue = chinaHour(now) >= BILL_HOUR &&
        await mine(`day/${by}/${day}/${chinaHour(now)}`) &&
        (await turns.get(`done/${by}/${day}`)) === null;
      if (!isDue) continue;
      const done = await reconciler.day(by, day, "daily");
      if (done.ok && done.view.open === 0) await turns.put(`done/${by}/${day}`, now);
    }
  };
  const again = (): void => {
    timer = clock.after(LOOK_MS, () => {
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
