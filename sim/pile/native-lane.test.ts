import { afterAll, beforeAll, expect, test } from "vitest";
import { bareNats, fastClock, GatewayDouble, newSeed } from "../../test/kit/platform-doubles.ts";
import { memoryStore, type NativePileOptions, type Pile, startNativePile } from "./mod.ts";

let nats: Awaited<ReturnType<typeof bareNats>>;
beforeAll(async () => void (nats = await bareNats()));
afterAll(() => nats.stop());

let count = 0;
async function scene(
  run: (gateway: GatewayDouble, pile: Pile, options: NativePileOptions) => Promise<void>,
) {
  const id = `SIM-${++count}`;
  const gateway = await GatewayDouble.start(nats.url, id);
  const { platformKey } = gateway;
  const options: NativePileOptions = {
    id,
    secret: newSeed(),
    url: nats.url,
    platformKey,
    clock: fastClock(20),
    store: memoryStore(),
  };
  const pile = startNativePile(options);
  await pile.linked();
  try {
    await run(gateway, pile, options);
  } finally {
    await pile.stop();
    await gateway.close();
  }
}
const start = { id: "c1", kind: "start", orderId: "ord_0001" } as const;

test("a start charges, ticks rise with the register, a stop ends with the final reading", () =>
  scene(async (gateway, pile) => {
    pile.plug();
    expect(await gateway.send(gateway.command(start))).toEqual({ id: "c1", outcome: "accepted" });
    await gateway.until(() => gateway.ticks.length >= 5);
    const registers = gateway.ticks.map(({ registerWh }) => registerWh!);
    expect(registers).toEqual([...registers].sort((a, b) => a - b));
    const stop = { id: "c2", kind: "stop", orderId: "ord_0001" } as const;
    expect(await gateway.send(gateway.command(stop))).toMatchObject({ outcome: "accepted" });
    await gateway.until(() => gateway.kinds().includes("ended"));
    expect(gateway.kinds()).toEqual(["plugged", "charging", "ended"]);
    expect(gateway.facts.at(-1)).toMatchObject({
      orderId: "ord_0001",
      data: { reason: "remote", registerWh: pile.register() },
    });
    expect(pile.register()).toBeGreaterThan(0);
  }));

test("a known command repeats its outcome and does nothing, over a reboot too", () =>
  scene(async (gateway, pile) => {
    pile.plug();
    await gateway.send(gateway.command(start));
    expect(await gateway.send(gateway.command(start))).toMatchObject({ outcome: "known" });
    await gateway.until(() => gateway.kinds().includes("charging"));
    pile.losePower(500);
    await gateway.until(() => gateway.kinds().includes("ended"));
    expect(gateway.facts.at(-1)).toMatchObject({ data: { reason: "power-loss" } });
    expect(gateway.boots.at(-1)!.cmds).toEqual([{ id: "c1", outcome: "accepted" }]);
    expect(gateway.boots.at(-1)!.bootId).not.toBe(gateway.boots[0]!.bootId);
    expect(await gateway.send(gateway.command(start))).toMatchObject({ outcome: "known" });
    expect(await gateway.ask("command", "c1")).toMatchObject({ command: "accepted" });
    expect(pile.log("charging")).toHaveLength(1);
  }));

test("a command without the platform's signature, or of another link, is refused", () =>
  scene(async (gateway, pile) => {
    pile.plug();
    const forged = { ...gateway.command(start), sig: "AAAA" };
    expect(await gateway.send(forged)).toMatchObject({ code: "command.unsigned" });
    const changed = { ...gateway.command(start), connector: 2 };
    expect(await gateway.send(changed)).toMatchObject({ code: "command.unsigned" });
    const old = gateway.command({ ...start, linkEpoch: 0 });
    expect(await gateway.send(old)).toMatchObject({ code: "epoch" });
    expect(pile.log("charging")).toHaveLength(0);
  }));

test("facts of an offline pile come later, once, in order, with their own time", () =>
  scene(async (gateway, pile) => {
    pile.plug();
    await gateway.send(gateway.command(start));
    await gateway.until(() => gateway.kinds().includes("charging"));
    pile.cutLink(3_000);
    pile.stopHere();
    await pile.next("ended");
    pile.unplug();
    await gateway.until(() => gateway.kinds().includes("unplugged"));
    expect(gateway.kinds()).toEqual(["plugged", "charging", "ended", "unplugged"]);
    expect(gateway.facts.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    expect(gateway.facts[2]).toMatchObject({ linkEpoch: 2, data: { reason: "local" } });
    expect(gateway.boots[1]!.bootId).toBe(gateway.boots[0]!.bootId);
  }));

test("told twice and in the wrong order, the facts still arrive once and in order", () =>
  scene(async (gateway, pile) => {
    pile.misbehave({ duplicateFacts: true, reorderQueue: true });
    pile.cutLink(1_000);
    for (let i = 0; i < 3; i++) {
      pile.plug();
      pile.unplug();
    }
    await gateway.until(() => gateway.facts.length === 6);
    expect(gateway.facts.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(gateway.repeats).toBeGreaterThan(0);
  }));

test("numbers and register go on after the simulator itself was ended, and so does the charge", () =>
  scene(async (gateway, pile, options) => {
    pile.plug();
    await gateway.send(gateway.command(start));
    await gateway.until(() => gateway.ticks.length > 2);
    await pile.stop();
    const before = pile.register();
    const again = startNativePile(options);
    await again.linked();
    expect(again.status()).toMatchObject({ status: "charging", orderId: "ord_0001" });
    again.unplug();
    await gateway.until(() => gateway.kinds().includes("unplugged"));
    expect(gateway.kinds()).toEqual(["plugged", "charging", "ended", "unplugged"]);
    expect(gateway.facts.at(-2)).toMatchObject({ data: { reason: "unplugged" } });
    expect(again.register()).toBeGreaterThanOrEqual(before);
    await again.stop();
  }));

test("a pile that is silent on start begins late, whatever is said meanwhile", () =>
  scene(async (gateway, pile) => {
    pile.plug();
    pile.misbehave({ silentStart: true, lateStartMs: 8_000 });
    await expect(gateway.send(gateway.command(start), 200)).rejects.toThrow();
    const stop = { id: "c2", kind: "stop", orderId: "ord_0001" } as const;
    expect(await gateway.send(gateway.command(stop))).toMatchObject({ outcome: "accepted" });
    expect(await gateway.ask("status")).toMatchObject({ connectors: [{ status: "plugged" }] });
    await gateway.until(() => gateway.kinds().includes("charging"));
  }));

test("told that its link is gone, it boots again and says the same fact under the new epoch", () =>
  scene(async (gateway, pile) => {
    await gateway.until(() => gateway.beats > 11); // over 10 s of its clock since the boot
    gateway.refusals.push({ error: "link.gone", afterMs: 100 });
    pile.plug();
    await gateway.until(() => gateway.facts.length === 1);
    expect(gateway.boots).toHaveLength(2);
    expect(gateway.facts[0]).toMatchObject({ kind: "plugged", seq: 1, linkEpoch: 2 });
  }));

test("a fact that is never taken leaves a note in its place", () =>
  scene(async (gateway, pile) => {
    gateway.refusals.push({ error: "fact.malformed" });
    pile.plug();
    pile.unplug();
    await gateway.until(() => gateway.facts.length === 2);
    expect(gateway.facts[0]).toMatchObject({
      seq: 1,
      kind: "fault",
      data: { code: "fact-refused", severity: "info", raw: "plugged: fact.malformed" },
    });
    expect(gateway.facts[1]).toMatchObject({ seq: 2, kind: "unplugged" });
  }));

test("a stop that is told again stops what still runs; any other known command does nothing", () =>
  scene(async (gateway, pile) => {
    pile.plug();
    const stop = { id: "c2", kind: "stop", orderId: "ord_0001" } as const;
    expect(await gateway.send(gateway.command(stop))).toMatchObject({ code: "not-charging" });
    await gateway.send(gateway.command(start));
    await gateway.until(() => gateway.kinds().includes("charging"));
    const again = await gateway.send(gateway.command(stop));
    expect(again).toEqual({ id: "c2", outcome: "known", code: "refused" });
    await gateway.until(() => gateway.kinds().includes("ended"));
  }));
