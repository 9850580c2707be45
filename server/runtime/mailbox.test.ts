import { expect, test } from "vitest";
import type { ServiceClass } from "../../wire/envelope.ts";
import { gateOf } from "./gate.ts";
import { systemClock, systemRandom } from "../routing/mod.ts";
import { defaultLimits } from "./limits.ts";
import { type Incoming, Mailbox } from "./mailbox.ts";

const incoming = (id: string, service: ServiceClass, own = false) =>
  ({
    envelope: { id, class: service },
    origin: own ? { by: "signal", v: 1 } : { by: "wire" },
    deadline: 0,
    respond: () => {},
  }) as unknown as Incoming;

test("the most urgent class is served first, in order within a class", () => {
  const box = new Mailbox(defaultLimits);
  const classes = ["report", "order", "telemetry", "order", "emergency", "stop"] as const;
  classes.forEach((service, i) => box.put(incoming(`${service}${i}`, service)));
  const served = classes.map(() => box.take()!.envelope.id);
  expect(served).toEqual(["emergency4", "stop5", "order1", "order3", "telemetry2", "report0"]);
  expect(box.take()).toBeUndefined();
});

test("a full mailbox keeps slots for stops, and always takes the actor's own commands", () => {
  const box = new Mailbox({ ...defaultLimits, mailbox: 2, mailboxReserve: 1 });
  expect(box.put(incoming("a", "order"))).toBe(true);
  expect(box.put(incoming("b", "order"))).toBe(true);
  expect(box.put(incoming("c", "order"))).toBe(false);
  expect(box.put(incoming("d", "emergency"))).toBe(true);
  expect(box.put(incoming("e", "stop"))).toBe(false);
  expect(box.put(incoming("f", "order", true))).toBe(true);
  box.take();
  expect(box.put(incoming("g", "stop"))).toBe(true);
});

test("a gate lets in so many, the rest in order", async () => {
  const gate = gateOf(systemClock, systemRandom, { ...defaultLimits, appends: 2 });
  const inside: number[] = [];
  const enter = async (n: number) => {
    await gate.enter();
    inside.push(n);
  };
  const all = [1, 2, 3, 4].map(enter);
  await Promise.all(all.slice(0, 2));
  expect(inside).toEqual([1, 2]);
  expect(gate.load()).toBe(4);
  gate.leave();
  await all[2];
  expect(inside).toEqual([1, 2, 3]);
  gate.leave();
  gate.leave();
  gate.leave();
  await all[3];
  expect(gate.load()).toBe(0);
});
