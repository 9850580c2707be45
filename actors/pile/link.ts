// The link to a device: who holds it, under which epoch, and what must be asked when it comes back.
import { nothing, replied } from "../kit/mod.ts";
import { drive } from "./drive.ts";
import { type Of, type PileDecision, takeFact } from "./fact.ts";
import type { PileState, Registered } from "./state.ts";
import { connectorOf, incident, openTurn, type PileCtx, type Turn } from "./turn.ts";

/** Reply of OpenLink. */
export interface LinkReply {
  linkEpoch: number;
  /** High-water mark of the device's own facts. */
  lastSeq: number;
  openStarts: { orderId: string; connector: number; idTag: string }[];
}

function linkReply(state: PileState): LinkReply | null {
  if (state.status === "unregistered") return null;
  const openStarts = state.connectors.flatMap(({ no, use }) =>
    use.status === "starting" ? [{ orderId: use.orderId, connector: no, idTag: use.tag }] : []
  );
  return { linkEpoch: state.link.linkEpoch, lastSeq: state.factSeq, openStarts };
}

export function openLink(state: Registered, command: Of<"OpenLink">, ctx: PileCtx): PileDecision {
  const { link } = state;
  if (link.presence === "online" && link.openedBy === ctx.commandId) {
    return replied(nothing, linkReply);
  }
  const turn = openTurn(state, ctx);
  turn.add({
    ...command,
    type: "LinkOpened",
    linkEpoch: link.linkEpoch + 1,
    openedBy: ctx.commandId,
  });
  for (const { no } of state.connectors) askAgain(turn, no);
  return replied(turn.events, linkReply);
}

/** Whatever was under way on the old link is unknown: asked under the new one before anything else. */
function askAgain(turn: Turn, no: number): void {
  const { use } = connectorOf(turn.state, no);
  switch (use.status) {
    case "starting":
      if (use.step !== "due" && use.step !== "waits-plug") {
        const { orderId } = use;
        const why = "link-opened";
        turn.add({
          type: "StartStepped",
          connector: no,
          orderId,
          step: "unsure",
          why,
          doubt: true,
        });
      }
      break;
    case "undoing":
    case "stopping":
      turn.add({ type: "StopStepped", connector: no, phase: "send" });
      break;
    case "charging":
      turn.add({ type: "CheckRequested", connector: no, why: "link-opened" });
      return; // its queue comes first: the check has a timer
    case "free":
    case "occupied":
    case "kept":
      return;
  }
  drive(turn, no);
}

/** A gateway that is not the present one has lost nothing. */
export function loseLink(state: Registered, command: Of<"LoseLink">, ctx: PileCtx): PileDecision {
  const { link } = state;
  const { gatewayId, linkEpoch, why } = command;
  if (link.presence === "offline") return nothing;
  if (link.gatewayId !== gatewayId || link.linkEpoch !== linkEpoch) return nothing;
  const turn = openTurn(state, ctx);
  turn.add({ type: "LinkLost", linkEpoch, why });
  const busy = state.connectors.filter(({ use }) => use.status !== "free").map(({ no, use }) => ({
    connector: no,
    status: use.status,
  }));
  if (busy.length > 0) {
    incident(turn, {
      row: "2.1",
      cause: `link-${why}`,
      words: "pile.link-lost",
      action: "wait-for-link",
      outcome: "retrying",
      facts: { linkEpoch, busy },
    });
  }
  return turn.events;
}

export const reportBoot = (
  state: Registered,
  command: Of<"ReportBoot">,
  ctx: PileCtx,
): PileDecision =>
  takeFact(state, command, ctx, (turn, { model, vendor, firmware, serial }) =>
    turn.add({
      type: "PileBooted",
      model,
      ...(vendor === undefined ? {} : { vendor }),
      ...(firmware === undefined ? {} : { firmware }),
      ...(serial === undefined ? {} : { serial }),
    }));
