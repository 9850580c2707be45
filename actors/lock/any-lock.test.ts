// Any story of a lock: whatever is ordered, said, lost or told late, every move ends once and in its time,
// a fault never stands without a reason, and a quiet lock has nothing left to do.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { LockWay } from "../../wire/lock.ts";
import { MAKER, ops, pilePrincipal, type Rig, rigOf, settings } from "./rig.ts";

type Act = (rig: Rig) => void;
const states = ["up", "down", "moving", "fault"] as const;
const to = fc.constantFrom("up" as const, "down" as const);
const seen = fc.constantFrom(...states);
const bay = fc.constantFrom("empty", "taken", undefined);
const op = fc.constantFrom("move" as const, "ask" as const);

const act: fc.Arbitrary<Act> = fc.oneof(
  fc.tuple(to, fc.boolean(), fc.boolean(), fc.boolean()).map((
    [side, isOps, forAWhile, closes],
  ): Act =>
  (rig) =>
    void rig.move(side, {
      ...(isOps ? { reason: "x" } : {}),
      ...(forAWhile ? { forMs: 30_000, ...(closes ? { after: "up" as const } : {}) } : {}),
    }, { principal: isOps ? ops : pilePrincipal })
  ),
  fc.constant<Act>((rig) => void rig.rest()),
  fc.tuple(seen, bay, fc.nat({ max: 20_000 })).map(([state, above, age]): Act => (rig) =>
    void rig.tells(state, {
      deviceAt: rig.step.at - age,
      ...(above === undefined ? {} : { bay: above }),
    })
  ),
  fc.tuple(seen, bay).map(([state, above]): Act => (rig) =>
    void rig.says(state, above === undefined ? {} : { bay: above })
  ),
  fc.constant<Act>((rig) => void rig.accepts()),
  fc.constantFrom("motor", "obstructed").map((code): Act => (rig) => void rig.refuses(code)),
  op.map((one): Act => (rig) => void rig.silent(one)),
  fc.nat({ max: 5 }).map((age): Act => (rig) =>
    void rig.accepts(Math.max(1, rig.state.calls - age))
  ),
  fc.nat({ max: 40_000 }).map((ms): Act => (rig) => void rig.step.advance(ms)),
  fc.constant<Act>((rig) => void rig.fit()),
);

function check({ state, step }: Rig): void {
  const begun = step.log.flatMap((event) => event.type === "MoveBegun" ? [event.commandId] : []);
  const ended = step.log.flatMap((event) => event.type === "MoveEnded" ? [event.commandId] : []);
  expect(new Set(begun).size).toBe(begun.length);
  expect(ended).toEqual(begun.slice(0, ended.length)); // each once, in order
  expect(begun.length - ended.length).toBe(state.move === null ? 0 : 1);
  if (state.move !== null) {
    expect(step.timers.get("end")).toBeLessThanOrEqual(state.move.since + settings.lockMs);
    expect(step.timers.has("step") || state.move.phase === "due").toBe(true);
    expect(state.move.tries).toBeLessThanOrEqual(settings.lockTries);
  }
  if (state.fault !== null) {
    expect(state.fault.code).not.toBe("");
    expect(step.log.some(({ type }) => type === "LockFaulted")).toBe(true);
    expect(state.move !== null || step.timers.has("check")).toBe(true); // looked into again
  }
  expect(state.entries.length).toBeLessThanOrEqual(60);
}

/** The lock is well again and obeys; nobody says any more. */
function heal(rig: Rig, at: "up" | "down"): void {
  let position = at;
  rig.tells(position === "up" ? "down" : "up", { bay: "taken" });
  rig.tells(position, { bay: "empty" });
  for (let round = 0; round < 60; round++) {
    const { move, fault, calls } = rig.state;
    if (move?.phase === "sent") {
      position = move.to;
      rig.accepts(calls);
      rig.tells(position, { bay: "empty" });
    } else if (move !== null || fault !== null) rig.says(position, { bay: "empty" });
    rig.step.advance(settings.lockPauseMs);
  }
}

const ways: LockWay[] = [{ by: "pile" }, MAKER];
test.each(ways)("a lock by its $by", (way) => {
  fc.assert(
    fc.property(
      fc.array(act, { minLength: 5, maxLength: 60 }),
      to,
      to,
      (acts, rests, at) => {
        const rig = rigOf({ way, rests });
        rig.fit();
        for (const one of acts) {
          one(rig);
          check(rig);
        }
        heal(rig, at);
        check(rig);
        const { move, fault, wish, position } = rig.state;
        expect(move).toBeNull();
        expect(fault).toBeNull();
        if (wish?.to === "rest") expect(position).toBe(rests); // the bay is empty
        if (wish?.to === "up") expect(position).toBe("up");
      },
    ),
    { numRuns: 300 },
  );
});
