// Every bound of routing, with its reason. A node or client may be given others.
export const routingLimits = {
  /** Deadlines of commands may be this much later: most are cancelled long before. */
  grainMs: 20,
  /** A local host answers within the time limit; past it and this the caller is told anyway. */
  localGraceMs: 250,
  heartbeatMs: 500,
  /** A node not heard of for this long owns nothing. */
  deadMs: 2_000,
  /** A host says `accepted` where the answer takes longer; well below `hedgeMs`. */
  acceptMs: 50,
  /** Second try of a command that nobody accepted. */
  hedgeMs: 300,
  /** A command that was accepted but not answered is sent again, first after this. */
  repeatMs: 1_500,
  /** Tokens a second try costs, earned by first tries: 1 in 10. */
  hedgeShare: 0.1,
  hedgeBurst: 20,
  /** Pause between tries while no node listens at all. */
  nobodyMs: 150,
};
export type RoutingLimits = typeof routingLimits;
