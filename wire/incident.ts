// One record for every exception that the platform handles: which row of the drills, cause, outcome.
import * as z from "zod";

export const incidentRaised = z.strictObject({
  type: z.literal("IncidentRaised"),
  /** Row of docs/drills.md: "flow-a", "2.7" … */
  row: z.string().max(12),
  cause: z.string().max(80),
  /** Kind and id of the actor that handled it. */
  actor: z.string().max(120),
  /** Code of the words for the people concerned (web-kit/words), never text. */
  words: z.string().max(80),
  action: z.string().max(80),
  outcome: z.enum(["handled", "retrying", "compensated", "needs-person", "recovered"]),
  facts: z.record(z.string(), z.unknown()),
});
export type IncidentRaised = z.infer<typeof incidentRaised>;
