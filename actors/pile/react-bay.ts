// What the world must do about the bay of a charge that is over: words to its order, a gun to unlock.
import { Call, type Effect, Tell } from "../kit/mod.ts";
import type { DeviceCall } from "../../wire/pile.ts";
import type { EventOf } from "./events.ts";
import type { PileState } from "./state.ts";
import type { PileCtx } from "./turn.ts";

type Told = "taken" | "blocked" | "opened" | "left" | "unlocked" | "unlock-failed";
const tell = (orderId: string, what: Told, at: number, why?: string): Effect[] => [
  Tell({ kind: "order", id: orderId }, "BayTold", {
    what,
    at,
    ...(why === undefined ? {} : { why }),
  }),
];

function unlock(
  { connector, orderId, id }: EventOf<"UnlockAsked">,
  state: PileState,
  ctx: PileCtx,
): Effect[] {
  if (state.status === "unregistered" || state.link.presence === "offline") return [];
  const { gatewayId, linkEpoch, lane } = state.link;
  const body: DeviceCall = {
    tenant: ctx.tenant,
    pileId: ctx.self.id,
    gatewayId,
    linkEpoch,
    lane,
    command: { kind: "unlock", id, connector },
  };
  return [
    Call("device", `${ctx.self.id}/${connector}/unlock`, body, {
      onReply: "DeviceAnswered",
      ref: { op: "unlock", connector, about: orderId },
    }),
  ];
}

export const bayHandlers = {
  BayTaken: ({ orderId, why }: EventOf<"BayTaken">, _state: PileState, { at }: PileCtx) =>
    tell(orderId, "taken", at, why),
  BayLeft: (
    { orderId, why, leftAt }: EventOf<"BayLeft">,
    _state: PileState,
    { at }: PileCtx,
  ) => tell(orderId, "left", leftAt ?? at, why),
  BayBlocked: ({ orderId, why }: EventOf<"BayBlocked">, _state: PileState, { at }: PileCtx) =>
    tell(orderId, "blocked", at, why),
  BayOpened: ({ orderId }: EventOf<"BayOpened">, _state: PileState, { at }: PileCtx) =>
    tell(orderId, "opened", at),
  UnlockAsked: unlock,
  UnlockAnswered: (
    { orderId, ok, why }: EventOf<"UnlockAnswered">,
    _state: PileState,
    { at }: PileCtx,
  ) => tell(orderId, ok ? "unlocked" : "unlock-failed", at, why),
};
