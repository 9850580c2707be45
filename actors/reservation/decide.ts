// Who may say what to a reservation, and which page of the saga answers it.
import { nothing, refuse } from "../kit/mod.ts";
import { isActor } from "../kit/who.ts";
import { appealCounted, appealReservation, decideAppeal } from "./appeal.ts";
import { cancelReservation } from "./cancel.ts";
import { expireTimeout, expiryAnswered, slotTroubled } from "./expire.ts";
import { requestAnswered, requestReservation, requestTimeout } from "./request.ts";
import { slotFreed, slotRestored, slotUsed, startAnswered, startReserved } from "./start.ts";
import type { Known, Of, ReservationCommand, ReservationState } from "./state.ts";
import type { Decided, ReserveCtx } from "./turn.ts";
import { maySee } from "./view.ts";

type Driven = Of<"CancelReservation" | "StartReserved" | "AppealReservation" | "DecideAppeal">;
type FromPile = Of<"SlotTroubled" | "SlotUsed" | "SlotRestored" | "SlotFreed">;
type Inner = Exclude<ReservationCommand, Driven | FromPile | { type: "RequestReservation" }>;

export function decide(
  state: ReservationState,
  command: ReservationCommand,
  ctx: ReserveCtx,
): Decided {
  switch (command.type) {
    case "RequestReservation":
      return requestReservation(state, command, ctx);
    case "CancelReservation":
    case "StartReserved":
    case "AppealReservation":
    case "DecideAppeal":
      if (state.status === "absent" || !maySee(state, ctx.principal)) return unknown(ctx);
      return driven(state, command, ctx);
    case "SlotTroubled":
    case "SlotUsed":
    case "SlotRestored":
    case "SlotFreed":
      if (state.status === "absent") return unknown(ctx);
      if (!isActor(ctx.principal, "pile", state.pileId)) return refuse("auth.forbidden");
      return fromPile(state, command);
    case "UserAnswered":
    case "SlotAnswered":
    case "DepositAnswered":
    case "KeepAnswered":
    case "StartAnswered":
    case "ExpiryAnswered":
    case "AppealCounted":
    case "TimerFired":
      return state.status === "absent" ? nothing : inner(state, command, ctx);
  }
}

const unknown = ({ self }: ReserveCtx): Decided =>
  refuse("reservation.unknown", { reservationId: self.id });

function driven(state: Known, command: Driven, ctx: ReserveCtx): Decided {
  switch (command.type) {
    case "CancelReservation":
      return cancelReservation(state, command, ctx);
    case "StartReserved":
      return startReserved(state, command, ctx);
    case "AppealReservation":
      return appealReservation(state, command, ctx);
    case "DecideAppeal":
      return decideAppeal(state, command, ctx);
  }
}

function fromPile(state: Known, command: FromPile): Decided {
  switch (command.type) {
    case "SlotTroubled":
      return slotTroubled(state, command);
    case "SlotUsed":
      return slotUsed(state, command);
    case "SlotRestored":
      return slotRestored(state, command);
    case "SlotFreed":
      return slotFreed(state, command);
  }
}

function inner(state: Known, command: Inner, ctx: ReserveCtx): Decided {
  switch (command.type) {
    case "UserAnswered":
    case "SlotAnswered":
    case "DepositAnswered":
    case "KeepAnswered":
      // an answer that comes after the end was undone behind its question, in the same lane
      return state.status === "awaiting-deposit" ? requestAnswered(state, command, ctx) : nothing;
    case "StartAnswered":
      return startAnswered(state, command, ctx);
    case "ExpiryAnswered":
      return expiryAnswered(state, command, ctx);
    case "AppealCounted":
      return appealCounted(state, command, ctx);
    case "TimerFired":
      if (command.name === "expire") return expireTimeout(state, ctx);
      if (command.name !== "answer" || state.status !== "awaiting-deposit") return nothing;
      return requestTimeout(state, ctx);
  }
}
