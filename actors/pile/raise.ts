// The hold behind a running charge was topped up: it may cost more before it is stopped.
import { nothing } from "../kit/mod.ts";
import { isActor } from "../kit/who.ts";
import type { Of, PileDecision } from "./fact.ts";
import { forbidden, orderAt } from "./keep.ts";
import type { Registered } from "./state.ts";
import { connectorOf, hasConnector, type PileCtx } from "./turn.ts";

/** What has ended or is being stopped meanwhile goes on as it was. */
export function raiseLimit(
  state: Registered,
  { orderId, connector: no, holdFen }: Of<"RaiseLimit">,
  ctx: PileCtx,
): PileDecision {
  if (!isActor(ctx.principal, "order", orderId)) return forbidden();
  if (!hasConnector(state, no)) return nothing;
  const connector = connectorOf(state, no);
  if (orderAt(connector) !== orderId || connector.use.status !== "charging") return nothing;
  const { holdFen: before } = connector.use.session;
  if (before === null || before >= holdFen) return nothing; // told twice
  return [{ type: "LimitRaised", connector: no, orderId, holdFen }];
}
