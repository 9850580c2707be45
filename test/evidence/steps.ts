// The steps of the way that money goes at which a node may die.
export const STEPS = [
  /** A record is acknowledged, and nothing of it has left. */
  "record-acknowledged",
  /** Another actor has done what it was told, and the teller has not recorded its answer. */
  "outbox-sent",
  /** The provider has opened, closed or given back, and nobody here knows. */
  "provider-acted",
  /** The provider's callback is verified, and not recorded. */
  "callback-unrecorded",
  /** It is recorded, and the provider not told so. */
  "callback-in",
  /** A wallet has booked it, and nobody was told. */
  "posting",
] as const;
export type Step = (typeof STEPS)[number];

/** At which occurrence of a step a node dies; none: it lives. */
export interface Armed {
  step: Step | "";
  nth: number;
}
