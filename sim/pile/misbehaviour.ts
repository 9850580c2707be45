// How a simulated pile can be bad: switches that can be set and cleared while it runs
// (`pile.misbehave({…})`, `bad NAME[=VALUE]` at its command line); what happens once is a method of the
// pile itself. Which of them brings about which row of the drills, on both lanes:
//   1.9  vehicleFault("BST.insulation", raw)      the car ends the charge
//   2.2  fault("PowerMeterFailure"), clearFault() ; runsOnFault: it does not stop by itself
//   2.3  loosePlug, then pushIn(): reads as plugged, starts are answered "unplugged"
//   2.4  silentStart, refuseStart, lateStartMs ; silentStop, lyingStop
//   2.5  noReadings, frozenData ; cutLink(), losePower() ; forgetsEnd: found idle, no report of the end
//   2.6  lockSilent, lockStuck, lockHalfWay, lockRefuses ; breakLock(), lockByHand(), driveOff()
//   2.7  unplug() ; resumesOnReplug: plugged back, it goes on by itself
//   2.8  fault("OverCurrentFailure" | "OverVoltage" | "UnderVoltage" | "GroundFailure" |
//        "HighTemperature"), emergencyStop() ; powerFactor=2: over rated power ;
//        moveRegister(-500 | 50_000): the meter runs backward, or jumps

export interface Misbehaviour {
  /** Hears a start and says nothing; does nothing either, unless `lateStartMs` is set. */
  silentStart: boolean;
  /** Says no to every start, with this code. */
  refuseStart: string | null;
  /** Begins this long after the start was heard, whatever is said meanwhile. */
  lateStartMs: number | null;
  /** Hears a stop and says nothing; goes on charging. */
  silentStop: boolean;
  /** Says yes to a stop and goes on charging. */
  lyingStop: boolean;
  /** Answers commands this late. */
  slowAnswersMs: number;
  /** Keeps sending the same reading while energy flows. */
  frozenData: boolean;
  /** The link stays, but no readings come. */
  noReadings: boolean;
  /** The link stays, but no beats come. */
  noBeats: boolean;
  /** Every fact or transaction message is sent twice. */
  duplicateFacts: boolean;
  /** What was kept while offline is sent newest first. */
  reorderQueue: boolean;
  /** OCPP: no BootNotification after a new connection. */
  skipBoot: boolean;
  /** OCPP: StopTransaction carries -1. */
  unknownTransaction: boolean;
  /** The gun reads as plugged but is not seated: no start until it is pushed in. */
  loosePlug: boolean;
  /** Tells of critical faults and charges on. */
  runsOnFault: boolean;
  /** Plugged back after a pull, it goes on with the same charge by itself. */
  resumesOnReplug: boolean;
  /** The report of an end is never told. */
  forgetsEnd: boolean;
  /** Meter and power show this many times what flows. */
  powerFactor: number;
  /** The lock of the bay neither moves nor says a word. */
  lockSilent: boolean;
  /** It says yes and stays where it is. */
  lockStuck: boolean;
  /** It moves and arrives nowhere. */
  lockHalfWay: boolean;
  /** It says no to every order, with this code. */
  lockRefuses: string | null;
}

export const wellBehaved = (): Misbehaviour => ({
  silentStart: false,
  refuseStart: null,
  lateStartMs: null,
  silentStop: false,
  lyingStop: false,
  slowAnswersMs: 0,
  frozenData: false,
  noReadings: false,
  noBeats: false,
  duplicateFacts: false,
  reorderQueue: false,
  skipBoot: false,
  unknownTransaction: false,
  loosePlug: false,
  runsOnFault: false,
  resumesOnReplug: false,
  forgetsEnd: false,
  powerFactor: 1,
  lockSilent: false,
  lockStuck: false,
  lockHalfWay: false,
  lockRefuses: null,
});

export const misbehaviourNames = Object.keys(wellBehaved()) as (keyof Misbehaviour)[];
