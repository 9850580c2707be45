import { expect, test } from "vitest";
import type { Envelope, Reply } from "../../wire/envelope.ts";
import { memoryNetwork } from "../store/mod.ts";
import { virtualClock } from "../../test/race/virtual-clock.ts";
import { createClient } from "./client.ts";
import { type RoutingLimits, shardOf } from "./mod.ts";
import { ACCEPTED } from "./route.ts";

const to = { tenant: "main", kind: "t", id: "x" };
const shard = shardOf(to);
const ask = {
  id: "k1",
  to,
  type: "Add",
  body: { by: 1 },
  principal: { kind: "driver", id: "u" } as const,
};
const good: Reply = { ok: true, v: 1, asOf: 1, body: null };
const full: Reply = { ok: false, fault: { code: "overloaded" } };

/** A client, and hosts that do as they are told. */
function world(limits: Partial<RoutingLimits> = {}) {
  const clock = virtualClock();
  const wire = memoryNetwork({ clock, random: () => 0.5, delayMs: () => 1 });
  const network = wire.port("client");
  const client = createClient({ network, clock, random: () => 0.5, limits });
  const heard: { by: string; at: number; ttlMs: number }[] = [];
  return {
    clock,
    client,
    heard,
    host(subject: "cmd" | "any", act: (say: (what: Reply | "+") => void, n: number) => void) {
      const host = wire.port(subject);
      let n = 0;
      return host.subscribe(`${subject}.*.*.${shard}.*`, {}, ({ data, reply }) => {
        const { ttlMs } = JSON.parse(new TextDecoder().decode(data)) as Envelope;
        heard.push({ by: subject, at: Math.round(clock.tick()), ttlMs });
        const say = (what: Reply | "+") => {
          const text = what === "+" ? ACCEPTED : JSON.stringify(what);
          host.publish(reply!, new TextEncoder().encode(text));
        };
        act(say, n++);
      });
    },
    async settle<T>(promise: Promise<T>): Promise<{ value: T; ms: number }> {
      const begun = clock.tick();
      let value: { is: T } | null = null;
      void promise.then((is) => value = { is });
      await clock.until(() => value !== null, 60_000);
      return { value: value!.is, ms: clock.tick() - begun };
    },
  };
}

test("the owner is asked first, and alone when it answers", async () => {
  const { client, host, settle, heard } = world();
  host("cmd", (say) => say(good));
  host("any", (say) => say(good));
  expect((await settle(client.ask(ask))).value).toEqual(good);
  expect(heard).toEqual([{ by: "cmd", at: 1, ttlMs: 5_000 }]);
});

test("where the owner is gone, any node is asked at once", async () => {
  const { client, host, settle, heard } = world();
  host("any", (say) => say(good));
  const { value, ms } = await settle(client.ask(ask));
  expect(value).toEqual(good);
  expect(ms).toBeLessThan(10);
  expect(heard.map(({ by }) => by)).toEqual(["any"]);
});

test("an owner that does not accept in time is passed over", async () => {
  const { client, host, settle } = world();
  host("cmd", () => {});
  host("any", (say) => say(good));
  const { value, ms } = await settle(client.ask(ask));
  expect(value).toEqual(good);
  expect(ms).toBeGreaterThanOrEqual(300);
  expect(ms).toBeLessThan(400);
});

test("an owner that accepted is given time, then reminded", async () => {
  const { client, host, settle, heard } = world();
  host("cmd", (say) => say("+"));
  host("any", (say) => say(good));
  const { value, ms } = await settle(client.ask(ask));
  expect(value).toEqual(good);
  expect(ms).toBeGreaterThanOrEqual(1_500);
  expect(heard.map(({ by }) => by)).toEqual(["cmd", "any"]);
  expect(heard[1]!.ttlMs).toBeLessThanOrEqual(3_500);
});

test("second tries stay within their budget: a hedge under overload is a storm", async () => {
  const { client, host, settle, heard, clock } = world({ hedgeBurst: 2 });
  host("cmd", () => {});
  host("any", () => {});
  const all = Promise.all(
    Array.from({ length: 50 }, (_, i) => client.ask({ ...ask, id: `k${i}`, ttlMs: 2_000 })),
  );
  const { value } = await settle(all);
  await clock.advance(100);
  expect(value.every((one) => !one.ok && "fault" in one)).toBe(true);
  expect(heard.filter(({ by }) => by === "any").length).toBeLessThanOrEqual(2 + 5);
});

test("whoever is silent for longer than a node may be is asked again, without a token", async () => {
  const { client, host, settle, clock } = world({ hedgeBurst: 0 });
  let frozen = true;
  host("cmd", (say) => frozen || say(good));
  const asked = client.ask(ask);
  await clock.advance(2_000);
  frozen = false; // another owner by now
  const { value } = await settle(asked);
  expect(value).toEqual(good);
  expect(clock.tick()).toBeLessThan(2_800);
});

test("nobody anywhere: surely not done, and found as soon as somebody is there", async () => {
  const { client, host, settle, clock } = world();
  const lost = await settle(client.ask({ ...ask, ttlMs: 1_000 }));
  expect(lost.value).toEqual({ ok: false, fault: { code: "unavailable" } });
  const later = client.ask(ask);
  await clock.advance(700);
  host("cmd", (say) => say(good));
  const { value, ms } = await settle(later);
  expect(value).toEqual(good);
  expect(ms).toBeLessThan(500);
});

test("taken but never answered: nobody knows", async () => {
  const { client, host, settle } = world();
  host("cmd", (say) => say("+"));
  const { value, ms } = await settle(client.ask({ ...ask, ttlMs: 1_000 }));
  expect(value).toEqual({ ok: false, fault: { code: "outcome.unknown" } });
  expect(ms).toBeLessThan(1_100);
});

test("one host's 'not done' does not speak for another that may still do it", async () => {
  const { client, host, settle } = world();
  host("cmd", (say, n) => n === 0 ? setLater(() => say(good)) : say(full));
  host("any", (say) => say(full));
  let setLater = (_run: () => void) => {};
  const runs: (() => void)[] = [];
  setLater = (run) => void runs.push(run);
  const asked = client.ask(ask);
  const early = await settle(Promise.race([asked, asked]));
  expect(early.value).toEqual({ ok: false, fault: { code: "outcome.unknown" } });
  expect(runs).toHaveLength(1);
});

test("a single host's refusal to take it is final", async () => {
  const { client, host, settle } = world();
  host("cmd", (say) => say(full));
  expect((await settle(client.ask(ask))).value).toEqual(full);
});

test("a body that cannot be written is malformed, not a crash", async () => {
  const { client, settle } = world();
  const { value } = await settle(client.ask({ ...ask, body: { name: "\ud800" } }));
  expect(value).toMatchObject({ ok: false, refusal: { code: "command.malformed" } });
});

test("what one host could not say is not made undone by another", async () => {
  const { client, clock, host, settle } = world();
  const unknown: Reply = { ok: false, fault: { code: "outcome.unknown" } };
  host("cmd", (say) => void clock.after(350, () => say(full)));
  host("any", (say) => say(unknown));
  expect((await settle(client.ask(ask))).value).toEqual(unknown);
});
