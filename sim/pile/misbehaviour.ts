// How a simulated pile can be bad: switches that can be set and cleared while it runs.

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
});

export const misbehaviourNames = Object.keys(wellBehaved()) as (keyof Misbehaviour)[];
