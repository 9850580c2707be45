// The example of docs/runtime.md, run as it stands there.
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
// example
import {
  type ActorDefinition,
  onEvent,
  refuse,
  replied,
  StartTimer,
} from "../../actors/kit/mod.ts";
import { createNode, systemClock, systemRandom } from "./mod.ts";
import { memoryJournal, memoryNetwork } from "../store/mod.ts";

type Light = { status: "red" } | { status: "green"; since: number; cars: number };
type Command = { type: "GoGreen"; forMs: number } | { type: "Pass" } | { type: "TimerFired" };
type Event = { type: "TurnedGreen"; at: number; forMs: number } | { type: "CarPassed" } | {
  type: "TurnedRed";
};

const light: ActorDefinition<Light, Command, Event> = {
  kind: "light",
  sv: 1,
  initial: { status: "red" },
  parse: (command) => command as Command, // a real one checks the shape with zod
  grants: { GoGreen: ["ops"], Pass: ["device", "driver"], TimerFired: ["system"] },
  decide(state, command, { at }) {
    switch (command.type) {
      case "GoGreen":
        if (state.status === "green") return refuse("light.green", { since: state.since });
        return [{ type: "TurnedGreen", at, forMs: command.forMs }];
      case "Pass":
        if (state.status === "red") return refuse("light.red");
        return replied([{ type: "CarPassed" }], (after) => ({
          cars: after.status === "green" ? after.cars : 0,
        }));
      case "TimerFired":
        return state.status === "green" ? [{ type: "TurnedRed" }] : [];
    }
  },
  evolve(state, event) {
    switch (event.type) {
      case "TurnedGreen":
        return { status: "green", since: event.at, cars: 0 };
      case "CarPassed":
        return state.status === "green" ? { ...state, cars: state.cars + 1 } : state;
      case "TurnedRed":
        return { status: "red" };
    }
  },
  react: onEvent<Event, Light>({
    TurnedGreen: ({ at, forMs }) => [StartTimer("red", at + forMs)],
  }),
  read: (_name, state) => ({ body: state }),
};

test("a traffic light lets cars pass while it is green, counts each once, and turns red by itself", async () => {
  const node = createNode({
    node: "a",
    actors: [light],
    journal: memoryJournal({ clock: systemClock }),
    network: memoryNetwork({ clock: systemClock, random: systemRandom }).port("a"),
  });
  await node.start();
  const to = { tenant: "main", kind: "light", id: "crossing-1" };
  const driver = { kind: "driver", id: "usr_1" } as const;
  const pass = (id: string) => node.ask({ id, to, type: "Pass", body: {}, principal: driver });
  const ops = { kind: "ops", id: "ops_1" } as const;

  expect(await pass("key-1")).toMatchObject({ ok: false, refusal: { code: "light.red" } });
  const body = { forMs: 100 };
  await node.ask({ id: "key-2", to, type: "GoGreen", body, principal: ops });
  expect(await pass("key-3")).toMatchObject({ ok: true, body: { cars: 1 } });
  expect(await pass("key-3")).toMatchObject({ ok: true, body: { cars: 1 }, replay: true });
  const state = () => node.read({ to, name: "state", principal: driver });
  await expect.poll(state).toMatchObject({ ok: true, body: { status: "red" } });
  await node.stop();
});
// end of example

test("docs/runtime.md shows this very example", async () => {
  const here = await readFile(new URL(import.meta.url), "utf8");
  const page = await readFile(new URL("../../docs/runtime.md", import.meta.url), "utf8");
  const example = here.slice(here.indexOf("// example\n"), here.indexOf("// end of example"));
  expect(page).toContain(example.replace("// example\n", ""));
});
