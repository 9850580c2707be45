// A patrol task as rows: who may open, take, finish and withdraw it; each refusal has one.
import { expect, test } from "vitest";
import { stepper } from "../kit/stepper.ts";
import { patrol } from "./mod.ts";

const T0 = Date.UTC(2026, 2, 2);
const order = { kind: "actor" as const, id: "order/ord_0001" };
const anna = { kind: "driver" as const, id: "usr_anna0001" };
const boris = { kind: "driver" as const, id: "usr_boris001" };
const service = { kind: "ops" as const, id: "ops_1", roles: ["service"] };
const viewer = { kind: "ops" as const, id: "ops_2", roles: ["viewer"] };
const elsewhere = { ...service, scope: ["stn_west1"] };
const photo = { photoId: "pho_0001", mime: "image/png", bytes: 9, widthPx: 4, heightPx: 3 };
const about = { pileId: "P100", connector: 1, stationId: "stn_east1" };
const open = { type: "OpenPatrol", cause: "overstay", orderId: "ord_0001", ...about };
const report = { type: "ReportBay", ...about, text: "油车占位", photo };
const take = { type: "TakePatrol" };
const done = { type: "FinishPatrol", note: "已通知车主", found: "car-stays", photo };
const withdraw = { type: "WithdrawPatrol", why: "unplugged" };

type Command = { type: string; [field: string]: unknown };
type Who = Parameters<typeof patrol.decide>[2]["principal"];
function given(...said: [Command, Who][]) {
  const actor = stepper(patrol, { id: "ptl_0001", at: T0, settings: {}, principal: service });
  for (const [command, principal] of said) actor.send(command, { principal });
  return actor;
}

test.each<[string, [Command, Who][], Command, Who, string]>([
  ["a task that nobody opened", [], take, service, "patrol.unknown"],
  ["a task of another station", [[open, order]], take, elsewhere, "patrol.unknown"],
  ["taking by a viewer", [[open, order]], take, viewer, "auth.forbidden"],
  ["taking by a driver", [[open, order]], take, anna, "auth.forbidden"],
  ["opening by another order", [], open, { ...order, id: "order/ord_9999" }, "auth.forbidden"],
  ["somebody else's report", [[report, anna]], report, boris, "patrol.unknown"],
  ["taking what is done", [[open, order], [done, service]], take, service, "patrol.over"],
  ["finishing what has gone", [[open, order], [withdraw, order]], done, service, "patrol.over"],
  [
    "finishing without a photo",
    [[open, order]],
    { ...done, photo: undefined },
    service,
    "command.malformed",
  ],
  [
    "finishing without a word",
    [[open, order]],
    { ...done, note: "" },
    service,
    "command.malformed",
  ],
  [
    "withdrawing by another",
    [[open, order]],
    withdraw,
    { ...order, id: "order/ord_9999" },
    "auth.forbidden",
  ],
])("%s is refused", (_name, before, command, principal, code) => {
  expect(given(...before).send(command, { principal }).refusal?.code).toBe(code);
});

test("opened by rule it rings the console once, is taken, and done with a photo", () => {
  const actor = given();
  const rings = {
    type: "IncidentRaised",
    row: "7.3",
    cause: "bay-overstay",
    outcome: "needs-person",
  };
  expect(actor.send(open, { principal: order }).events).toMatchObject([
    { type: "PatrolOpened" },
    rings,
  ]);
  expect(actor.send(open, { principal: order }).events).toEqual([]);
  actor.send(take, { principal: service });
  actor.send(done, { principal: service });
  expect(actor.read("show")).toMatchObject({
    body: {
      status: "done",
      cause: "overstay",
      takenBy: "ops_1",
      found: "car-stays",
      photo,
      ...about,
    },
  });
  expect(patrol.ended!(actor.state)).toBe(true);
});

test("a driver's report is a task, said again it is the same; whose it was stays inside", () => {
  const actor = given([report, anna]);
  expect(actor.send(report, { principal: anna })).toMatchObject({ ok: true, events: [] });
  expect(actor.read("show")).toMatchObject({
    body: { cause: "reported", text: "油车占位", reportPhoto: photo },
  });
  expect(JSON.stringify(actor.read("show"))).not.toContain(anna.id);
});

test("withdrawn when the car has gone, unless somebody is on the way", () => {
  expect(given([open, order], [withdraw, order]).state).toMatchObject({ status: "withdrawn" });
  expect(given([open, order], [take, service], [withdraw, order]).state).toMatchObject({
    status: "taken",
  });
});
