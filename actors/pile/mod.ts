// The pile (桩) with its connectors (枪): who occupies each, what its device does, whose energy it is.
// The one place where two drivers can clash, and the owner of every register value.
import type { ActorDefinition } from "../kit/mod.ts";
import { parseBy } from "../kit/parse.ts";
import type { ServiceClass } from "../../wire/envelope.ts";
import { type PileCommand, pileCommand } from "../../wire/pile.ts";
import type { ChargingSettings } from "../../wire/settings.ts";
import { decide } from "./decide.ts";
import type { PileEvent } from "./events.ts";
import { evolve } from "./evolve.ts";
import { react } from "./react.ts";
import { read } from "./read.ts";
import { type PileMemory, signal } from "./signal.ts";
import type { PileState } from "./state.ts";

export type { PileEvent } from "./events.ts";
export type { PileMemory } from "./signal.ts";
export type { Connector, PileState } from "./state.ts";
export type { LinkReply } from "./link.ts";

/** What lowers risk is never turned away; readings wait behind starts. */
function classOf(command: PileCommand["type"]): ServiceClass {
  switch (command) {
    case "StopConnector":
    case "ReachLimit":
    case "FindCharge":
    case "ReportEnded":
    case "ReportFault":
      return "stop";
    case "NoteReading":
    case "ReportMeter":
      return "telemetry";
    case "RegisterPile":
    case "DisablePile":
    case "EnablePile":
    case "SetTariff":
    case "OpenLink":
    case "LoseLink":
    case "ReportBoot":
    case "ReportPlug":
    case "ReportState":
    case "ReportStarted":
    case "ReportFaultCleared":
    case "AskSlot":
    case "ReserveConnector":
    case "ReleaseSlot":
    case "KeepConnector":
    case "LetConnectorGo":
    case "StartConnector":
    case "RaiseLimit":
    case "AskBay":
    case "ReleaseBay":
    case "DeviceAnswered":
    case "CardAnswered":
    case "NoteLock":
    case "DriveLock":
    case "LockDeviceAnswered":
    case "ReportLock":
    case "LowerLock":
    case "TimerFired":
      return "order";
  }
}

const device = ["device"] as const;
/** Gateways speak as the device; a gateway that finds another one dead speaks as the system. */
const gateway = ["device", "system"] as const;
/** The host, on behalf of the actor itself. */
const inner = ["system"] as const;

export const pile: ActorDefinition<
  PileState,
  PileCommand,
  PileEvent,
  PileMemory,
  ChargingSettings
> = {
  kind: "pile",
  sv: 1,
  initial: { status: "unregistered" },
  parse: parseBy(pileCommand),
  grants: {
    RegisterPile: ["ops"],
    DisablePile: ["ops"],
    EnablePile: ["ops"],
    SetTariff: ["actor"],
    OpenLink: device,
    LoseLink: gateway,
    ReportBoot: device,
    ReportPlug: device,
    ReportState: device,
    ReportStarted: device,
    ReportMeter: device,
    ReportEnded: device,
    ReportFault: device,
    ReportFaultCleared: device,
    AskSlot: ["actor"],
    ReserveConnector: ["actor"],
    ReleaseSlot: ["actor"],
    KeepConnector: ["actor"],
    LetConnectorGo: ["actor"],
    StartConnector: ["actor"],
    RaiseLimit: ["actor"],
    StopConnector: ["actor"],
    AskBay: ["actor"],
    ReleaseBay: ["actor"],
    DeviceAnswered: inner,
    CardAnswered: inner,
    NoteReading: inner,
    ReachLimit: inner,
    FindCharge: inner,
    NoteLock: ["actor"],
    DriveLock: ["actor"],
    LockDeviceAnswered: inner,
    ReportLock: device,
    LowerLock: ["driver"],
    TimerFired: inner,
  },
  decide,
  evolve,
  react,
  read,
  classOf,
  signal,
};
