// A hundred people want the last slot at once, at two nodes, on a virtual clock: one has it, all others
// are refused, and where money was taken it is back within a second of the records' own time.
import { expect, test } from "vitest";
import { rulesOf } from "../../actors/tariff/mod.ts";
import { actorKinds } from "../../server/roles/actors.ts";
import { type Ask, placeOf } from "../../server/runtime/mod.ts";
import type { JournalRecord, Principal, Reply } from "../../wire/envelope.ts";
import { chargingSettings } from "../../wire/settings.ts";
import { everyShard } from "./every-shard.ts";
import { memoryWorld } from "./memory-world.ts";

const RACERS = 100;
const DEPOSIT_FEN = 2_000;
const settings = chargingSettings.parse({});
const to = (kind: string, id: string) => ({ tenant: "main", kind, id });
const ops: Principal = { kind: "ops", id: "ops_0001", roles: ["admin"] };
const system: Principal = { kind: "system", id: "http" };
const gateway: Principal = { kind: "device", id: "P0001" };

const gun = { no: 1, plug: "gb-dc", ratedPowerW: 60_000, reservable: true };
const pile = { stationId: "stn_north", code: "100001", lane: "native", ratedPowerW: 60_000 };
const link = { gatewayId: "gw-1", lane: "native", bootId: "boot-1" };
const paid = { purpose: "recharge", by: "wechat", fen: DEPOSIT_FEN, energyFen: 0, serviceFen: 0 };

const racerOf = (userId: string) => userId.slice("usr_".length);
const paymentOf = (userId: string) => `pay_${racerOf(userId)}`;

/** The pile and the people; their wallets follow by themselves, and then the money. */
const founding = (users: readonly string[]): Omit<Ask, "id">[] => [
  {
    to: to("pile", "P0001"),
    type: "RegisterPile",
    body: { ...pile, connectors: [gun] },
    principal: ops,
  },
  { to: to("pile", "P0001"), type: "OpenLink", body: link, principal: gateway },
  ...users.map((id) => ({
    to: to("user", id),
    type: "RegisterUser",
    body: { agreementVersion: "1" },
    principal: system,
  })),
];
const money = (users: readonly string[]): Omit<Ask, "id">[] =>
  users.map((id) => ({
    to: to("wallet", id),
    type: "BookPayment",
    body: { paymentId: paymentOf(id), ...paid },
    principal: { kind: "actor", id: `payment/${paymentOf(id)}` },
  }));

async function race(seed: number) {
  const appendMs = (random: () => number) => 1 + 4 * random();
  const world = memoryWorld({ seed, appendMs, messageMs: (random) => 0.2 + random() });
  const ok = () => Promise.resolve({ ok: true as const, body: null });
  const faults = new Set<string>();
  const ports = { device: ok, notify: ok, payment: ok };
  const nodeOf = (name: string) =>
    world.node(name, {
      actors: actorKinds,
      settings: () => settings,
      ports,
      placement: everyShard(name),
    });
  const nodes = [await nodeOf("a"), await nodeOf("b")];
  /** As phones do: repeated with its key until the answer is definite. */
  const ask = async (i: number, one: Ask): Promise<Reply> => {
    for (;;) {
      const reply = await nodes[i % 2]!.node.ask(one);
      if (!("fault" in reply)) return reply;
      faults.add(reply.fault.code);
      await new Promise<void>((done) => void world.clock.after(200, done));
    }
  };
  const users = Array.from({ length: RACERS }, (_, i) => `usr_racer${String(i).padStart(4, "0")}`);
  for (const wave of [founding(users), money(users)]) {
    for (const one of wave) {
      const id = `first-${one.type}-${one.to.id}`;
      expect(await world.wait(ask(0, { id, ...one }))).toMatchObject({ ok: true });
    }
    await world.clock.advance(1_000);
  }
  const { rulesVersion } = rulesOf(settings);
  const from = world.clock.now() + 600_000;
  const body = { pileId: "P0001", connector: 1, from, minutes: 30, rulesVersion };
  const answers = await world.wait(Promise.all(
    users.map((id, i) =>
      ask(i, {
        id: `tap-${id}`,
        to: to("reservation", `rsv_${racerOf(id)}`),
        type: "RequestReservation",
        body,
        principal: { kind: "driver", id },
      })
    ),
  ));
  await world.clock.advance(10_000);
  const records = (kind: string, id: string): JournalRecord[] =>
    world.journal.history(placeOf(to(kind, id)))
      .map(({ bytes }) => JSON.parse(new TextDecoder().decode(bytes)) as JournalRecord);
  for (const { node } of nodes) node.kill();
  return { users, answers, records, faults: [...faults] };
}

test.each([1, 2, 3])(
  `one of ${RACERS} has it, nobody else's money is held (seed %i)`,
  async (seed) => {
    const { users, answers, records, faults } = await race(seed);
    const codes = answers.map((reply) =>
      "fault" in reply ? reply.fault.code : reply.ok ? "reserved" : reply.refusal.code
    );
    expect(codes.filter((code) => code === "reserved")).toHaveLength(1);
    expect(new Set(codes)).toEqual(new Set(["reserved", "slot.taken"]));
    const stood: number[] = [];
    for (const [i, id] of users.entries()) {
      const moves = records("wallet", id);
      const moment = (type: string) =>
        moves.find(({ events }) => events.some((event) => event.type === type))?.at;
      const { balanceFen } = moves.at(-1)!.state as { balanceFen: number };
      expect([id, balanceFen]).toEqual([id, codes[i] === "reserved" ? 0 : DEPOSIT_FEN]);
      const [heldAt, settledAt] = [moment("DepositHeld"), moment("DepositSettled")];
      if (heldAt !== undefined && settledAt !== undefined) stood.push(settledAt - heldAt);
    }
    console.log(
      `seed ${seed}: ${stood.length} had paid, back within ${Math.max(...stood)} ms; ${
        faults.join(", ")
      }`,
    );
    expect(stood.length).toBeGreaterThan(0);
    expect(Math.max(...stood)).toBeLessThan(1_000);
  },
  60_000,
);
