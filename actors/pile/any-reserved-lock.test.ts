// Any story of a reserved bay: whatever happens to its promises, starts and lock, what the lock was asked
// last is what the bay is for by now. No lock outlives its reservation, and none is open for a stranger.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Principal } from "../../wire/envelope.ts";
import { closingSlot } from "./promised.ts";
import { newRig, PILE, type Rig, RIVAL, USER } from "./rig.ts";

const LOCK = `${PILE}-1`;
const minutes = (n: number) => n * 60_000;
const actor = (kind: string, id: string): Principal => ({ kind: "actor", id: `${kind}/${id}` });
const orderOf = (n: number) => `ord_n${String(n).padStart(6, "0")}`;
const slotOf = (n: number) => `rsv_n${String(n).padStart(6, "0")}`;

interface World {
  rig: Rig;
  count: number;
  lock: { position: "up" | "down"; fault: { code: "stuck"; since: string } | null };
}
type Act = (world: World) => unknown;

const note = ({ rig, lock }: World) =>
  rig.step.send({ type: "NoteLock", connector: 1, form: "ground-lock", ...lock }, {
    principal: actor("lock", LOCK),
  });
const users = fc.constantFrom(USER, RIVAL);
const reserve = fc.tuple(users, fc.nat({ max: 40 })).map(([userId, inMin]): Act => (world) => {
  const reservationId = slotOf(++world.count);
  const from = world.rig.step.at + minutes(inMin);
  const slot = { reservationId, userId, connector: 1, from, until: from + minutes(15) };
  return world.rig.step.send({ type: "ReserveConnector", ...slot }, {
    principal: actor("reservation", reservationId),
  });
});
const slots = ({ rig }: World) => rig.state.slots ?? [];
const release: Act = (world) => {
  const reservationId = slots(world)[0]?.reservationId ?? slotOf(1);
  return world.rig.step.send({ type: "ReleaseSlot", reservationId }, {
    principal: actor("reservation", reservationId),
  });
};
const lower = users.map((id): Act => ({ rig }) =>
  rig.step.send({ type: "LowerLock", connector: 1 }, { principal: { kind: "driver", id } })
);
/** By whoever it is reserved for, or as anybody. */
const start: Act = (world) => {
  const { rig } = world;
  const orderId = orderOf(++world.count);
  const slot = closingSlot(rig.state, 1);
  const own = slot === null
    ? { userId: RIVAL }
    : { userId: slot.userId, reservationId: slot.reservationId };
  const keep = { orderId, connector: 1, tariffVersion: "tv_1", ...own };
  rig.step.send({ type: "KeepConnector", ...keep }, { principal: actor("order", orderId) });
  rig.start(orderId);
};
const orderNow = ({ rig }: World): string => {
  const { use } = rig.connector();
  return "orderId" in use ? use.orderId : orderOf(0);
};
const acts: fc.Arbitrary<Act> = fc.oneof(
  reserve,
  fc.constant(release),
  lower,
  fc.constant(start),
  fc.constantFrom("internal", "unplugged").map((code): Act => (world) =>
    world.rig.says("start", "refused", { code }, orderNow(world))
  ),
  fc.constant<Act>((world) =>
    world.rig.tell("ReportStarted", { orderId: orderNow(world), registerWh: 1_000 })
  ),
  fc.constant<Act>((world) => world.rig.stop(orderNow(world))),
  fc.boolean().map((plugged): Act => ({ rig }) => rig.plug(plugged)),
  fc.constantFrom("up" as const, "down" as const).map((position): Act => (world) => {
    world.lock = { position, fault: null };
    note(world);
  }),
  fc.constant<Act>((world) => {
    world.lock.fault = { code: "stuck", since: "2026-03-02T02:00:00.000Z" };
    note(world);
  }),
  fc.nat({ max: 12 * 60_000 }).map((ms): Act => ({ rig }) => rig.step.advance(ms)),
);

function check({ rig }: World): "closed" | "opened" | "rest" | null {
  const asked = rig.step.log.findLast(({ type }) => type === "LockAsked");
  const last = asked?.type === "LockAsked" ? asked : null;
  const { use } = rig.connector();
  if (use.status === "starting") {
    expect(last).toMatchObject({ to: "down", causeId: use.orderId });
    return null;
  }
  if (use.status !== "free") return null;
  const slot = closingSlot(rig.state, 1);
  if (slot === null) {
    const byDriver = last?.userId !== undefined && last.userId === last.causeId;
    expect(last === null || last.to === "rest" || byDriver, "nobody has the bay").toBe(true);
    return last?.to === "rest" ? "rest" : null;
  }
  expect(last?.causeId).toBe(slot.reservationId);
  if (last?.to === "up") return "closed";
  expect(last).toMatchObject({ to: "down", userId: slot.userId, after: "up" });
  return "opened";
}

test("what the lock of a bay was asked last is what the bay is for", () => {
  const met = new Set<string>();
  fc.assert(
    fc.property(fc.array(acts, { minLength: 5, maxLength: 50 }), (story) => {
      const rig = newRig();
      rig.register();
      rig.setTariff();
      rig.openLink();
      rig.tell("ReportMeter", { registerWh: 1_000 });
      const world: World = { rig, count: 0, lock: { position: "down", fault: null } };
      note(world);
      for (const act of story) {
        act(world);
        const is = check(world);
        if (is !== null) met.add(is);
      }
    }),
    { numRuns: 300 },
  );
  expect([...met].sort()).toEqual(["closed", "opened", "rest"]);
});
