// A hold that was topped up: the running charge may cost more, told once or twice; nothing else moves.
import { expect, test } from "vitest";
import { devicePrincipal, ORDER, orderPrincipal, OTHER, stage, T0 } from "./rig.ts";

const raise = (holdFen: number, orderId = ORDER, connector = 1) => ({
  type: "RaiseLimit",
  orderId,
  connector,
  holdFen,
});
const from = { principal: orderPrincipal() };

test("the stop at the hold moves with the hold", () => {
  const reading = (n: number, registerWh: number) => ({
    linkEpoch: 1,
    n,
    t: T0 + n * 60_000,
    connector: 1,
    powerW: 0,
    registerWh,
  });
  const limitOf = (topUp: boolean) => {
    const rig = stage.charging({}, 100);
    if (topUp) rig.step.send(raise(500), from);
    rig.step.at += 60_000;
    const { command } = rig.step.signal(reading(1, 1_001_000)); // 1.1 yuan
    return (command as { limit?: string } | undefined)?.limit;
  };
  expect(limitOf(false)).toBe("hold");
  expect(limitOf(true)).toBeUndefined();
});

test("told twice, lower, too late, or of another's charge: nothing", () => {
  const rig = stage.charging({}, 9_000);
  expect(rig.step.send(raise(12_000), from).events).toEqual([
    { type: "LimitRaised", connector: 1, orderId: ORDER, holdFen: 12_000 },
  ]);
  for (const no of [raise(12_000), raise(8_000), raise(20_000, ORDER, 9)]) {
    expect(rig.step.send(no, from)).toMatchObject({ ok: true, events: [] });
  }
  const other = { principal: orderPrincipal(OTHER) };
  expect(rig.step.send(raise(20_000, OTHER), other)).toMatchObject({ ok: true, events: [] });
  rig.stop();
  expect(rig.step.send(raise(20_000), from)).toMatchObject({ ok: true, events: [] });
});

test("a charge without a limit of money has none to raise; only its order may", () => {
  const rig = stage.charging({}, null);
  expect(rig.step.send(raise(12_000), from)).toMatchObject({ ok: true, events: [] });
  for (const principal of [orderPrincipal(OTHER), devicePrincipal]) {
    expect(rig.step.send(raise(12_000), { principal }).refusal?.code).toBe("auth.forbidden");
  }
});
