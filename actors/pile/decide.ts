// One line per command: who decides it. An unknown pile knows nothing but how to be registered.
import { nothing, refuse } from "../kit/mod.ts";
import type { PileCommand } from "../../wire/pile.ts";
import { deviceAnswered } from "./answers.ts";
import {
  driveLock,
  lockDeviceAnswered,
  lowerLock,
  noteLock,
  reportLock,
  withLocks,
} from "./bay-lock.ts";
import { askBay, releaseBay, withBays } from "./bay.ts";
import { cardAnswered } from "./card.ts";
import { reportEnded } from "./ended.ts";
import type { Of, PileDecision } from "./fact.ts";
import { reportFault, reportFaultCleared } from "./faults.ts";
import { forbidden, keepConnector, letConnectorGo } from "./keep.ts";
import { loseLink, openLink, reportBoot } from "./link.ts";
import { disablePile, enablePile, registerPile, setTariff } from "./ops.ts";
import { raiseLimit } from "./raise.ts";
import { noteReading, reportMeter, reportPlug, reportState } from "./seen.ts";
import { startConnector } from "./start.ts";
import { reportStarted } from "./started.ts";
import type { PileState, Registered } from "./state.ts";
import { limitReached, stopConnector } from "./stop.ts";
import { withFates } from "./slot-fate.ts";
import { askSlot, releaseSlot, reserveConnector } from "./slots.ts";
import { findCharge } from "./stray.ts";
import { timerFired } from "./timers.ts";
import type { PileCtx } from "./turn.ts";

type Decider<T extends PileCommand["type"]> = (
  state: Registered,
  command: Of<T>,
  ctx: PileCtx,
) => PileDecision;

const deciders: { [T in PileCommand["type"]]: Decider<T> } = {
  RegisterPile: () => refuse("pile.exists"),
  DisablePile: disablePile,
  EnablePile: enablePile,
  SetTariff: setTariff,
  OpenLink: openLink,
  LoseLink: loseLink,
  ReportBoot: reportBoot,
  ReportPlug: reportPlug,
  ReportState: reportState,
  ReportStarted: reportStarted,
  ReportMeter: reportMeter,
  ReportEnded: reportEnded,
  ReportFault: reportFault,
  ReportFaultCleared: reportFaultCleared,
  AskSlot: askSlot,
  ReserveConnector: reserveConnector,
  ReleaseSlot: releaseSlot,
  KeepConnector: keepConnector,
  LetConnectorGo: letConnectorGo,
  StartConnector: startConnector,
  RaiseLimit: raiseLimit,
  StopConnector: stopConnector,
  AskBay: askBay,
  ReleaseBay: releaseBay,
  DeviceAnswered: deviceAnswered,
  CardAnswered: cardAnswered,
  NoteReading: noteReading,
  ReachLimit: limitReached,
  FindCharge: findCharge,
  NoteLock: noteLock,
  DriveLock: driveLock,
  LockDeviceAnswered: lockDeviceAnswered,
  ReportLock: reportLock,
  LowerLock: lowerLock,
  TimerFired: timerFired,
};

export function decide(state: PileState, command: PileCommand, ctx: PileCtx): PileDecision {
  // A device speaks for itself only: its gateway took the name from the link, not from the message.
  if (ctx.principal.kind === "device" && ctx.principal.id !== ctx.self.id) return forbidden();
  if (state.status === "unregistered") {
    if (command.type === "RegisterPile") return registerPile(command, ctx);
    return command.type === "TimerFired" ? nothing : refuse("pile.unknown");
  }
  const decider = deciders[command.type] as Decider<PileCommand["type"]>;
  // each sees what the ones before it have added
  const meant = withFates(state, decider(state, command, ctx), ctx);
  return withLocks(state, withBays(state, meant, ctx), ctx);
}
