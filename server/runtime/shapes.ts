// Shapes over time: what an earlier release stored is lifted to what this one knows, what is written
// may be a shape that the release before reads, and what a later one stored is left alone.
import type { AnyActor } from "../../actors/kit/mod.ts";
import { type Draft, LaterShape, UnreadableRecord } from "./record.ts";

/** The state behind a stored one; throws LaterShape where a release to come wrote it. */
export function presentState(actor: AnyActor, sv: number, state: unknown): unknown {
  if (sv === actor.sv) return state;
  if (sv > actor.sv) throw new LaterShape(`state of '${actor.kind}' has version ${sv}`);
  if (!actor.upcastState) throw new UnreadableRecord(`state has no converter: version ${sv}`);
  return actor.upcastState(sv, state);
}

/**
 * What is stored of a draft, and what stays in memory of it: where an earlier shape is written, memory
 * is what that one says, so that the writer goes on as a reader would.
 */
export function writtenAs(
  actor: AnyActor | undefined,
  draft: Draft,
): { stored: Draft; kept: Draft } {
  const writes = actor?.writes;
  if (!actor || !writes) return { stored: draft, kept: draft };
  const state = writes.state(draft.state);
  const events = draft.events.map((event) => writes.event?.(event) ?? event);
  const stored = { ...draft, sv: writes.sv, state, events };
  return { stored, kept: { ...draft, state: presentState(actor, writes.sv, state) } };
}
