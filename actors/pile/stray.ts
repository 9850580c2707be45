// A device that charges though no order, card or report told of it (O6): seen, counted to nobody, stopped.
import { nothing } from "../kit/mod.ts";
import type { Of, PileDecision } from "./fact.ts";
import { begin, stray } from "./started.ts";
import type { Connector, Registered } from "./state.ts";
import { connectorOf, hasConnector, incident, openTurn, type PileCtx, type Turn } from "./turn.ts";

/** Nothing runs here and nothing is about to. */
function isAlone({ use }: Connector): boolean {
  switch (use.status) {
    case "free":
    case "occupied":
    case "kept":
      return true;
    case "starting":
    case "undoing":
    case "charging":
    case "stopping":
      return false;
  }
}

/** The fast lane has seen power for a while where no charge is known. */
export function findCharge(
  state: Registered,
  { connector: no, deviceAt, registerWh }: Of<"FindCharge">,
  ctx: PileCtx,
): PileDecision {
  if (!hasConnector(state, no) || !isAlone(connectorOf(state, no))) return nothing;
  const turn = openTurn(state, ctx);
  found(turn, no, deviceAt, registerWh);
  return turn.events;
}

function found(turn: Turn, no: number, deviceAt: number, registerWh: number): void {
  const { use } = connectorOf(turn.state, no);
  if (use.status === "kept") {
    turn.add({ type: "ConnectorLetGo", connector: no, orderId: use.orderId, why: "overtaken" });
  }
  const txId = turn.state.nextTx;
  const { linkEpoch } = turn.state.link;
  begin(turn, { type: "ReportStarted", linkEpoch, connector: no, deviceAt, registerWh }, {
    owner: { by: "nobody", orderId: null, why: "no-order", failed: null },
    answer: { txId, accepted: false, why: "invalid" },
    txId,
  });
  stray(turn, no, txId, "no-order", null);
}

/** A status said "charging" a while ago, and still no start was reported. */
export function aloneDue(state: Registered, no: number, ctx: PileCtx): PileDecision {
  const connector = connectorOf(state, no);
  const charging = connector.told === "charging" || connector.told === "suspended";
  if (!charging || !isAlone(connector)) return nothing;
  const turn = openTurn(state, ctx);
  if (connector.register) found(turn, no, ctx.at, connector.register.wh);
  else {
    incident(turn, {
      row: "flow-a",
      cause: "no-order",
      words: "pile.charging-alone",
      action: "none",
      outcome: "needs-person",
      facts: { connector: no, told: connector.told },
    });
  }
  return turn.events;
}
