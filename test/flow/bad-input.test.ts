// Everything that a stranger may send to a real platform, over HTTP, socket.io, OCPP, NATS and from the
// provider's side: each refused with its code, said once in the log, and the platform charges on.
import { afterAll, beforeAll, expect, test } from "vitest";
import { absent, others, roles, stations, tokens } from "../kit/attack/http-people.ts";
import { bodies, numbers, onEveryRoute, places } from "../kit/attack/http-shapes.ts";
import { noticeRoles, othersNotices, pushAddresses } from "../kit/attack/notices.ts";
import { callbacks } from "../kit/attack/callbacks.ts";
import { type Attack, type Ground, openGround } from "../kit/attack/ground.ts";
import { handshakes, messages, type Tried } from "../kit/attack/live.ts";
import { natives } from "../kit/attack/native.ts";
import { doors, ends, frames, wires } from "../kit/attack/ocpp.ts";
import { usedAgain } from "../kit/attack/used.ts";
import { saidByDevices, soundAfter } from "../kit/attack/sound.ts";

let ground: Ground;
let pid = 0;
const traces: { trace: string; code: string; name: string }[] = [];
beforeAll(async () => {
  ground = await openGround();
  pid = ground.server.pid;
}, 120_000);
afterAll(() => ground?.[Symbol.asyncDispose]());

async function refuseAll(attacks: readonly Attack[]): Promise<void> {
  const wrong: string[] = [];
  for (const { name, status, code, ...ask } of attacks) {
    const said = await ground.say(ask);
    traces.push({ trace: said.trace, code, name });
    if (said.status === status && said.code === code) continue;
    const came = `${said.status} ${said.code} ${JSON.stringify(said.body).slice(0, 200)}`;
    wrong.push(`${ask.method} ${ask.path}, ${name}: wanted ${status} ${code}, came ${came}`);
  }
  console.info(`${attacks.length} tried, ${attacks.length - wrong.length} refused as they should`);
  expect(wrong).toEqual([]);
}

test("every mutation route: unknown fields, wrong types, keys", async () => {
  await refuseAll(onEveryRoute(ground));
});
test("numbers: 2^53, negative, broken", () => refuseAll(numbers(ground)));
test("bodies: prototypes, depth, 10 MB, bytes and types of another kind", async () => {
  await refuseAll(bodies(ground));
});
test("paths, queries and codes", () => refuseAll(places(ground)));
test("other people's things", () => refuseAll(others(ground)));
test("things that are not there", () => refuseAll(absent(ground)));
test("tokens and cookies", async () => refuseAll(await tokens(ground)));
test("keys and sessions of others, and used ones", () => usedAgain(ground));
test("roles and CSRF", () => refuseAll(roles(ground)));
test("another station's operator", () => refuseAll(stations(ground)));

test("notices and help: other people's, other stations', roles", async () => {
  await refuseAll([...othersNotices(ground), ...noticeRoles(ground)]);
});
test("pushes: addresses that are nobody's push service", () => refuseAll(pushAddresses(ground)));

test("the provider's side: forged, replayed, stale, signed nonsense", async () => {
  await refuseAll(await callbacks(ground));
  const payment = await ground.victim.api.get(`/v1/payments/${ground.owned.paymentId}`);
  expect(payment).toMatchObject({ status: "open", fen: 100 });
});

function allRefused(tried: readonly Tried[]): void {
  const wrong = tried.filter(({ wanted, came }) => wanted !== came);
  console.info(`${tried.length} tried, ${tried.length - wrong.length} refused as they should`);
  expect(wrong).toEqual([]);
}

test("bytes that are no HTTP", async () => allRefused(await wires(ground)));
test("socket.io: handshakes of strangers", async () => allRefused(await handshakes(ground)));
test("socket.io: other people's rooms, nonsense", async () => allRefused(await messages(ground)));
test("OCPP: strangers at the door", async () => allRefused(await doors(ground)));
test("OCPP: broken frames", async () => allRefused(await frames(ground)));
test("OCPP: what ends a link, and a twin", async () => allRefused(await ends(ground)));
test("native: malformed payloads, other piles' subjects", async () => {
  allRefused(await natives(ground));
});
test("what sockets and piles were refused is in the log", () => saidByDevices(ground));

test("the platform is sound", () => soundAfter(ground, pid, traces));
