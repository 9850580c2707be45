// Seeded runs of whole nodes in virtual time: lost messages, lost and late acknowledgements, crashes,
// several nodes active on one actor. After healing nothing is lost, nothing acted twice.
import { expect, test } from "vitest";
import type { Reply } from "../../wire/envelope.ts";
import { type Ask, type Journal, type PortHandler, unseal } from "../../server/runtime/mod.ts";
import { everyShard } from "./every-shard.ts";
import { faultyJournal } from "./faulty-journal.ts";
import { type Breach, checkHistory, distinctAnswers } from "./history.ts";
import { at, driver, type MemoryNode, type MemoryWorld, memoryWorld } from "./memory-world.ts";
import type { TallyState } from "./tally.ts";
import { placeOf } from "../../server/runtime/mod.ts";

const SEEDS = 60;
const STEPS = 50;
const NAMES = ["a", "b", "c"];
const IDS = ["p", "q", "r", "s"];

class ShopClosed extends Error {}

interface Run {
  fenced: boolean;
  world: MemoryWorld;
  nodes: Map<string, MemoryNode>;
  healed: boolean;
  answers: Map<string, Reply[]>;
  asked: Map<string, Ask>;
}

function pick<T>(run: Run, all: readonly T[]): T {
  return all[Math.floor(run.world.random() * all.length)]!;
}
const chance = (run: Run, share: number) => !run.healed && run.world.random() < share;

/** Every expectation holds: what the design would be worth without its fence. */
const unfenced = (run: Run, journal: Journal): Journal => ({
  ...journal,
  append: (place, bytes, marks) =>
    journal.append(place, bytes, {
      ...marks,
      get expectedSeq() {
        return run.world.journal.history(place).at(-1)?.seq ?? 0;
      },
    }),
});

async function startNode(run: Run, name: string, everywhere: boolean): Promise<void> {
  const shop: PortHandler = (call) => {
    if (chance(run, 0.2)) return Promise.reject(new ShopClosed());
    return Promise.resolve({ ok: true, body: { got: call.body["word"] } });
  };
  const decorate = (journal: Journal) =>
    faultyJournal(run.fenced ? journal : unfenced(run, journal), run.world.clock, {
      swallow: () => chance(run, 0.05),
      lose: () => chance(run, 0.05),
      lateMs: () => chance(run, 0.03) ? run.world.random() * 3_000 : 0,
    });
  const more = everywhere ? { placement: everyShard(name) } : {};
  const node = await run.world.node(name, { ports: { shop }, ...more }, decorate);
  run.nodes.set(name, node);
}

function command(run: Run, n: number): Ask {
  const to = at(pick(run, IDS));
  const word = `w${n}`;
  const base = { id: `key${n}`, to, principal: driver, ttlMs: 4_000 };
  switch (Math.floor(run.world.random() * 5)) {
    case 0:
      return { ...base, type: "Send", body: { to: pick(run, IDS), by: 1, word } };
    case 1:
      return { ...base, type: "Send", body: { to: pick(run, IDS), by: 1, word, silent: true } };
    case 2:
      return { ...base, type: "AskLater", body: { word } };
    case 3: {
      const due = run.world.clock.now() + run.world.random() * 10_000;
      return { ...base, type: "Ring", body: { name: word, at: Math.floor(due) } };
    }
    default:
      return { ...base, type: "Add", body: { by: 1, word } };
  }
}

/** One side that wants the command done: repeats it until the answer is definite. */
async function insist(run: Run, ask: Ask): Promise<void> {
  for (;;) {
    const [node] = [...run.nodes.values()].sort(() => run.world.random() - 0.5);
    const dead = new Promise<Reply>((done) =>
      run.world.clock.after(6_000, () => done({ ok: false, fault: { code: "outcome.unknown" } }))
    );
    const reply = node ? await Promise.race([node.node.ask(ask), dead]) : await dead;
    if ("fault" in reply) continue;
    run.answers.set(ask.id, [...run.answers.get(ask.id) ?? [], reply]);
    return;
  }
}

async function disturb(run: Run, everywhere: boolean): Promise<void> {
  if (!chance(run, 0.1)) return;
  const name = pick(run, NAMES);
  run.nodes.get(name)?.crash();
  run.nodes.delete(name);
  await run.world.clock.advance(run.world.random() * 4_000);
  await startNode(run, name, everywhere);
}

function stored(run: Run, id: string) {
  const entries = run.world.journal.history(placeOf(at(id)));
  const last = entries.at(-1);
  const record = last ? unseal(last.bytes, last.prevSum) : null;
  return { entries, record, state: record?.state as TallyState | undefined };
}

/** What is missing or doubled after everything had time to settle. */
function audit(run: Run): Breach[] {
  const states = new Map(IDS.map((id) => [id, stored(run, id)]));
  const breaches = [...states].flatMap(([id, { entries }]) => checkHistory(id, entries));
  const breach = (actor: string, what: string) => breaches.push({ actor, v: 0, what });
  for (const [id, { record }] of states) {
    if (record && record.out.length > 0) breach(id, `${record.out.length} effects never left`);
    if (record && Object.keys(record.timers).length > 0) breach(id, "a timer never rang");
  }
  for (const { id, to, type, body } of run.asked.values()) {
    const replies = run.answers.get(id) ?? [];
    if (distinctAnswers(replies).length !== 1) breach(to.id, `${id} has unequal answers`);
    const word = String(body["word"] ?? body["name"]);
    const own = states.get(to.id)!.state;
    const acted = type === "Send"
      ? states.get(String(body["to"]))!.state?.words[word]
      : type === "Add"
      ? own?.words[word]
      : type === "Ring"
      ? own?.rung.filter((name) => name === word).length
      : Number(word in (own?.answers ?? {}));
    if (acted !== 1) breach(to.id, `${type} '${word}' acted ${acted} times`);
  }
  return breaches;
}

async function simulate(seed: number, fenced = true): Promise<Breach[]> {
  const everywhere = seed % 2 === 0;
  const run: Run = {
    fenced,
    world: memoryWorld({
      seed,
      appendMs: (random) => random() < 0.02 ? 900 : 0.5 + random() * 5,
      messageMs: (random) => random() < 0.01 ? 700 : 0.1 + random(),
      lose: (random) => !run.healed && random() < 0.02,
    }),
    nodes: new Map(),
    healed: false,
    answers: new Map(),
    asked: new Map(),
  };
  for (const name of NAMES) await startNode(run, name, everywhere);
  const sides: Promise<void>[] = [];
  for (let n = 0; n < STEPS; n++) {
    const ask = command(run, n);
    run.asked.set(ask.id, ask);
    const copies = 1 + Math.floor(run.world.random() * 3);
    for (let copy = 0; copy < copies; copy++) sides.push(insist(run, ask));
    await run.world.clock.advance(run.world.random() * 300);
    await disturb(run, everywhere);
  }
  run.healed = true;
  await run.world.wait(Promise.all(sides), 300_000);
  await run.world.clock.advance(120_000); // L1: quiet long before ten virtual minutes
  return audit(run);
}

test(`${SEEDS} seeded runs with crashes and losses: nothing lost, nothing twice`, async () => {
  const broken: Record<string, Breach[]> = {};
  for (let seed = 1; seed <= SEEDS; seed++) {
    const breaches = await simulate(seed);
    if (breaches.length > 0) broken[`seed ${seed}`] = breaches;
  }
  expect(broken).toEqual({});
});

test("without the expected sequence the same runs break", async () => {
  expect((await simulate(2, false)).length).toBeGreaterThan(0);
});
