// A button's action: locked while it works, the same key while its outcome is open.
import { expect, test } from "vitest";
import type { Answer, Refused } from "./api.ts";
import type { Tap } from "./taps.ts";
import { useAction } from "./use-action.ts";

const refused = (code: Refused["code"], retry: Refused["retry"]): Answer<string> => ({
  ok: false,
  refused: { code, facts: {}, retry, status: 0 },
});
const good: Answer<string> = { ok: true, body: "done", status: 200, replay: false };

function script(answers: Answer<string>[]) {
  const taps: Tap[] = [];
  const action = useAction<{ pile: string }, string>((_body, tap) => {
    taps.push(tap);
    return Promise.resolve(answers[taps.length - 1] ?? good);
  });
  const keys = () => taps.map(({ key }) => key);
  return { action, keys };
}

test("a second tap while the first is under way does nothing", async () => {
  const { action, keys } = script([good]);
  const first = action.run({ pile: "a" });
  expect(action.busy.value).toBe(true);
  expect(await action.run({ pile: "a" })).toBeUndefined();
  expect(await first).toBe("done");
  expect(keys()).toHaveLength(1);
  expect(action.busy.value).toBe(false);
});

test("an open outcome keeps its key for the next tap of the same", async () => {
  const { action, keys } = script([refused("outcome.unknown", "same-key"), good]);
  await action.run({ pile: "a" });
  expect(action.refused.value?.code).toBe("outcome.unknown");
  expect(await action.run({ pile: "a" })).toBe("done");
  expect(keys()[0]).toBe(keys()[1]);
  expect(action.refused.value).toBeNull();
});

test.each<[string, Answer<string>, { pile: string }]>([
  ["another body", refused("outcome.unknown", "same-key"), { pile: "b" }],
  ["a refusal that is final", refused("pile.occupied", "never"), { pile: "a" }],
  ["a success", good, { pile: "a" }],
])("after %s a tap is a new one", async (_name, answer, next) => {
  const { action, keys } = script([answer, good]);
  await action.run({ pile: "a" });
  await action.run(next);
  expect(keys()[0]).not.toBe(keys()[1]);
});
