// Whatever a pile sends, what the gateway tells its actor is a command of the contract, and the link lives.
import fc from "fast-check";
import { expect, test } from "vitest";
import { mutated, printed, revalued } from "../../test/kit/fuzz.ts";
import { calls, callTexts } from "../../test/kit/ocpp-samples.ts";
import { decodeFrame } from "../../wire/foreign/ocpp16/frames.ts";
import { checkCall } from "../../wire/foreign/ocpp16/payloads.ts";
import { pileCommand } from "../../wire/pile.ts";
import { tickSignal } from "../../wire/tick.ts";
import { bodyHash } from "../routing/mod.ts";
import { memoryDirectory } from "../store/memory-directory.ts";
import { realClock } from "../observe.ts";
import { handle } from "./handlers.ts";
import { type Desk, ocppDefaults, type PileLink } from "./ports.ts";

const RUNS = 10_000;
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

function desk(): Desk {
  return {
    clock: realClock,
    log: quiet,
    metrics: { count() {}, gauge() {}, observe() {} },
    settings: ocppDefaults,
    client: {
      ask: () => Promise.resolve({ ok: true, v: 1, asOf: 0, body: null }),
      read: () => Promise.resolve({ ok: true, v: 1, asOf: 0, body: null }),
      signal: (_to, data) => expect(tickSignal.safeParse(data).error?.issues).toBeUndefined(),
    },
    tele: {
      append: (readings) => {
        for (const { raw } of readings) expect((raw ?? "").length).toBeLessThanOrEqual(500);
        return Promise.resolve();
      },
    },
    card: () => Promise.resolve({ userId: "usr_0001" }),
  };
}

function link(): PileLink {
  let ticks = 0;
  const told = (type: string, body: Record<string, unknown>) => {
    const command = { type, linkEpoch: 1, ...body };
    expect(pileCommand.safeParse(command).error?.issues).toBeUndefined();
    bodyHash(type, command); // throws where the command has no canonical form
    return Promise.resolve({ ok: true, v: 1, asOf: 0, body: { txId: 7, accepted: true } } as const);
  };
  return {
    tenant: "main",
    pileId: "CP1",
    linkEpoch: 1,
    seen: new Map(),
    nextTick: () => ++ticks,
    firstComplaint: () => true,
    record: told,
    tell: told,
    show: () => Promise.resolve({ connectors: [{ no: 1 }] }),
    onStatus() {},
  };
}

async function served(text: string): Promise<void> {
  const frame = decodeFrame(text);
  if (frame.kind !== "call") return;
  const checked = checkCall(frame.action, frame.payload);
  if (!checked.ok) return;
  const answer = await handle(desk(), link(), checked);
  expect(["result", "error", "keep"]).toContain(answer.is);
}

test("true calls come through as commands of the contract", async () => {
  for (const text of callTexts) await served(text);
});

test("calls with bytes changed come through so, or not at all", async () => {
  await fc.assert(fc.asyncProperty(mutated(callTexts), served), printed(RUNS));
});

test("calls with values of another kind come through so, or not at all", async () => {
  const frames = calls.map((call) => [2, "id-1", ...call]);
  const texts = revalued(frames).map((frame) => JSON.stringify(frame));
  await fc.assert(fc.asyncProperty(texts, served), printed(RUNS));
});

test("the directory's twin takes any key that a card can have", async () => {
  const cards = await memoryDirectory(realClock).bucket("idtags");
  await cards.put("main/a b.c>*", 1);
  expect((await cards.get("main/a b.c>*"))?.value).toBe(1);
});
