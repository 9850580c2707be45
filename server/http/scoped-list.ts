// A page of a list of the console: of the asker's own stations, and as old as the views say.
import { isoOf } from "../../wire/units.ts";
import { type Answer, ok } from "./answer.ts";
import type { HttpDeps } from "./deps.ts";
import type { Asked } from "./route.ts";

export async function scopedList<Q extends object>(
  { views, clock }: HttpDeps,
  { who, tenant, query }: Asked<unknown, Q>,
  list: (tenant: string, wanted: Q & { stations?: string[] }) => Promise<object>,
): Promise<Answer> {
  const scope = who.kind === "ops" ? who.user.scope : null;
  const page = await list(tenant, { ...query, ...(scope ? { stations: [...scope] } : {}) });
  const lagMs = views.lagMs();
  return ok({ ...page, asOf: isoOf(clock.now() - lagMs), lagMs });
}
