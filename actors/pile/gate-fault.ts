// A bay whose lock is broken: nobody starts there, and whoever asks is told why and whom to call.
import { refuse, type Refused } from "../kit/mod.ts";
import type { Connector, Registered } from "./state.ts";
import type { PileCtx } from "./turn.ts";

/** Why the bay's lock keeps the connector closed; null: it does not. */
export function gateFault(
  state: Registered,
  { lock, no }: Connector,
  without: PileCtx["without"],
): Refused | null {
  if (!lock?.fault || without.has("lock.fault-closes")) return null;
  const { form, position, fault } = lock;
  const silent = without.has("lock.call-help") || without.has("third.whom-to-call");
  const phone = silent || state.stationPhone === null ? {} : { phone: state.stationPhone };
  const facts = { connector: no, form, position, code: fault.code, since: fault.since, ...phone };
  return refuse("pile.gate-fault", facts);
}
