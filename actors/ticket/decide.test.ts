// A ticket as rows: each refusal has one, each asking rings the console, the driver hears of it.
import { expect, test } from "vitest";
import { stepper } from "../kit/stepper.ts";
import { LINES_MAX } from "./state.ts";
import { ticket } from "./mod.ts";

const T0 = Date.UTC(2026, 2, 2);
const anna = { kind: "driver" as const, id: "usr_anna0001" };
const other = { kind: "driver" as const, id: "usr_other001" };
const service = { kind: "ops" as const, id: "ops_1", roles: ["service"] };
const operator = { kind: "ops" as const, id: "ops_2", roles: ["operator"] };
const viewer = { kind: "ops" as const, id: "ops_3", roles: ["viewer"] };
const elsewhere = { ...service, scope: ["stn_west1"] };

type Command = { type: string; [field: string]: unknown };
type Who = Parameters<typeof ticket.decide>[2]["principal"];
const about = { orderId: "ord_0001", pileId: "P100", stationId: "stn_east1" };
const ask = (text = "充不了电") => ({ type: "AskHelp", ...about, text });
const take = { type: "TakeTicket" };
const close = { type: "CloseTicket", note: "已远程停止" };

const fresh = () => stepper(ticket, { id: "tkt_0001", at: T0, settings: {}, principal: anna });
function given(...said: [Command, Who][]) {
  const actor = fresh();
  for (const [command, principal] of said) actor.send(command, { principal });
  actor.take();
  return actor;
}

test.each<[string, [Command, Who][], Command, Who, string]>([
  ["a ticket that nobody opened", [], take, service, "ticket.unknown"],
  ["closing what nobody opened", [], close, service, "ticket.unknown"],
  ["somebody else's ticket", [[ask(), anna]], ask(), other, "ticket.unknown"],
  ["a ticket of another station", [[ask(), anna]], take, elsewhere, "ticket.unknown"],
  ["taking by a viewer", [[ask(), anna]], take, viewer, "auth.forbidden"],
  ["closing by a viewer", [[ask(), anna]], close, viewer, "auth.forbidden"],
  ["taking by its driver", [[ask(), anna]], take, anna, "auth.forbidden"],
  ["asking by ops", [], ask(), service, "auth.forbidden"],
  ["taking what is closed", [[ask(), anna], [close, service]], take, service, "ticket.closed"],
  ["closing what is closed", [[ask(), anna], [close, service]], close, service, "ticket.closed"],
  [
    "closing without a word",
    [[ask(), anna]],
    { type: "CloseTicket", note: "" },
    service,
    "command.malformed",
  ],
])("%s is refused", (_name, before, command, principal, code) => {
  expect(given(...before).send(command, { principal }).refusal?.code).toBe(code);
});

test("asked once or again, the console rings with the order attached", () => {
  const actor = fresh();
  const rings = {
    type: "IncidentRaised",
    row: "1.7",
    words: "help.wanted",
    outcome: "needs-person",
    facts: { ticketId: "tkt_0001", ...about },
  };
  expect(actor.send(ask()).events).toMatchObject([{ type: "HelpAsked", ...about }, rings]);
  expect(actor.send(ask("还是不行")).events).toMatchObject([
    { type: "HelpAskedAgain", text: "还是不行" },
    rings,
  ]);
  expect(actor.state).toMatchObject({
    status: "open",
    lines: [{ text: "充不了电" }, { text: "还是不行" }],
  });
});

test("taken, taken over, closed, opened again; its driver hears of each", () => {
  const actor = given([ask(), anna]);
  const told = (step: { effects: unknown[] }) =>
    step.effects.map((effect) => (effect as { body: { code: string; userId: string } }).body)
      .map(({ code, userId }) => `${userId} ${code}`);
  expect(told(actor.send(take, { principal: service }))).toEqual([`${anna.id} help.taken`]);
  expect(actor.send(take, { principal: service }).events).toEqual([]);
  expect(told(actor.send(take, { principal: operator }))).toEqual([`${anna.id} help.taken`]);
  expect(actor.state).toMatchObject({ status: "taken", takenBy: "ops_2" });
  expect(told(actor.send(close, { principal: operator }))).toEqual([`${anna.id} help.closed`]);
  expect(actor.state).toMatchObject({
    status: "closed",
    lines: [{}, { by: "ops", text: close.note }],
  });
  actor.send(ask(""), { principal: anna });
  expect(actor.state).toMatchObject({ status: "open" });
  expect(actor.state).not.toHaveProperty("takenBy");
});

test("lines are bounded, the newest stay", () => {
  const actor = given([ask("first"), anna]);
  for (let i = 0; i < LINES_MAX; i++) actor.send(ask(`line ${i}`));
  expect(actor.state).toMatchObject({ lines: { length: LINES_MAX, 0: { text: "line 0" } } });
});

test("seen by its driver, without who took it, and by ops of its station", () => {
  const actor = given([ask(), anna], [take, service], [close, service]);
  const show = (principal: object, name = "show") =>
    ticket.read(
      name,
      actor.state,
      null,
      {},
      { self: { kind: "ticket", id: "tkt_0001" }, v: 3, principal } as never,
    );
  const at = new Date(T0).toISOString();
  const open = {
    id: "tkt_0001",
    v: 3,
    status: "closed",
    userId: anna.id,
    ...about,
    openedAt: at,
    takenAt: at,
    closedAt: at,
    lines: [{ at, by: "driver", text: "充不了电" }, { at, by: "ops", text: close.note }],
  };
  expect(show(anna)).toEqual({ body: open });
  expect(show(service)).toEqual({ body: { ...open, takenBy: "ops_1" } });
  const unknown = { refused: { code: "ticket.unknown" } };
  expect(show(other)).toMatchObject(unknown);
  expect(show(elsewhere)).toMatchObject(unknown);
  expect(show({ kind: "device", id: "P100" })).toMatchObject(unknown);
  expect(show(anna, "nothing")).toMatchObject({ refused: { code: "request.not-found" } });
});
