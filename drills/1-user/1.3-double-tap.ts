// 1.3 用户误操作/多次点击: fifty taps at once and again, over two nodes, at two piles: one charge. The
// button is the app's own, driven without its page.
import { createApi } from "../../web-kit/api.ts";
import { useAction } from "../../web-kit/use-action.ts";
import { newKey, type Pile } from "../../sim/mod.ts";
import type { Order } from "../../wire/http.ts";
import { defineDrill, part } from "../frame/drill.ts";
import type { Person } from "../frame/person.ts";
import { must, until } from "../frame/see.ts";
import type { Stage } from "../frame/stage.ts";

const TAPS = 50;

interface Cast {
  driver: Person;
  pile: Pile;
  /** Another pile within reach: a second tap there is a second charge, or none. */
  other: Pile;
  key: string;
  body: Record<string, unknown>;
  answers: { status: number; body: Order }[];
  orderId: string;
}

function tap(url: string, cast: Cast, body = cast.body, key: string | null = cast.key) {
  return fetch(new URL("/v1/orders", url), {
    method: "POST",
    headers: {
      ...cast.driver.driver.api.headers,
      "Content-Type": "application/json",
      ...(key === null ? {} : { "Idempotency-Key": key }),
    },
    body: JSON.stringify(body),
  }).then(async (response) => ({
    status: response.status,
    body: await response.json() as Order & { code?: string },
  }));
}
const otherUrl = ({ platform: { url, otherUrl } }: Stage, i: number) =>
  i % 2 === 0 ? url : otherUrl ?? url;

/** A nervous finger on the app's own start button, over the app's own way to the platform. */
async function fingers({ driver, body }: Cast, stage: Stage) {
  const { url, without } = stage;
  let sent = 0;
  const counted: typeof fetch = (...given) => {
    sent++;
    return fetch(...given);
  };
  const headers = () => driver.driver.api.headers;
  const session = { headers, renew: () => Promise.resolve(false) };
  const api = createApi({ base: `${url}/v1`, session, fetch: counted });
  const start = useAction<Cast["body"], Order>(
    (body, tap) => api("POST", "/orders", { body, tap, tries: 1 }),
    without,
  );
  const taps = Array.from({ length: 5 }, () => start.run(body));
  const { busy } = start;
  const shown = busy.value;
  await Promise.all(taps);
  return { sent, shown, after: busy.value };
}

const startsAt = (pile: Pile) => pile.log("command").filter((did) => did.kind === "start").length;
const ordersOf = async ({ driver }: Cast): Promise<string[]> =>
  (await driver.driver.api.get<{ orders: { id: string }[] }>("/v1/me/active")).orders
    .map(({ id }) => id);

const taps = part<"1.3", Cast>({
  words: { zh: "同一车主连点 50 次，两个节点，另一桩再点", en: "50 taps at once over two nodes" },
  async setup(stage) {
    const [pile, other, driver] = [await stage.pile(), await stage.pile(), await stage.person()];
    const { tariffVersion } = await driver.driver.quote(pile.id);
    const pay = { by: "wallet", autoCapture: true };
    const body = { pileId: pile.id, connector: 1, tariffVersion, pay, ageMs: 0 };
    return { driver, pile, other, key: newKey(), body, answers: [], orderId: "" };
  },
  async fault(cast, stage) {
    const taps = Array.from({ length: TAPS }, (_, i) => tap(otherUrl(stage, i), cast));
    cast.answers = await Promise.all(taps);
    const taken = cast.answers.find(({ status }) => status === 202);
    must(taken !== undefined, `no tap was taken: ${JSON.stringify(cast.answers[0])}`);
    cast.orderId = taken.body.id;
    await cast.driver.until(cast.orderId, "charging");
    const again = await Promise.all(Array.from({ length: 5 }, (_, i) => {
      return tap(otherUrl(stage, i), cast);
    }));
    cast.answers.push(...again);
    return `${cast.answers.length} taps answered`;
  },
  clauses: {
    "tap.button-locks": async (cast, stage) => {
      const { sent, shown, after } = await fingers(cast, stage);
      must(sent === 1, `5 taps on the button were sent ${sent} times`);
      must(shown && !after, "the button does not show that it works, or never ends");
      return "5 taps on the button: it shows that it works, and sends 1";
    },
    "tap.key-needed": async (cast, stage) => {
      const { status, body } = await tap(stage.url, cast, cast.body, null);
      must(status === 428, `a tap without a key was answered ${status}`);
      return `428 ${body.code}`;
    },
    "tap.one-order": async (cast, stage) => {
      const body = { ...cast.body, pileId: cast.other.id };
      const { status } = await tap(stage.url, cast, body, newKey());
      const orders = await ordersOf(cast);
      must(orders.length === 1, `${orders.length} orders run (another tap: ${status})`);
      return `1 order, another pile refused with ${status}`;
    },
    "tap.one-hold": async (cast, stage) => {
      const wallet = await stage.console.records("wallet", cast.driver.id);
      const holds = wallet.filter(({ type, event }) =>
        type === "HoldPlaced" && String(event.orderId).startsWith(cast.orderId)
      );
      must(holds.length === 1, `${holds.length} holds for one charge`);
      return `1 hold of ${String(holds[0]!.event.fen)} fen`;
    },
    "tap.one-command": async (cast) => {
      await until("the pile heard of the start", () => startsAt(cast.pile) > 0);
      const starts = startsAt(cast.pile);
      must(starts === 1, `the pile heard ${starts} starts`);
      return "the pile heard 1 start";
    },
    "tap.same-answer": (cast) => {
      const others = cast.answers.filter(({ status, body }) =>
        status !== 202 || body.id !== cast.orderId || body.status !== "starting"
      );
      const [other] = others;
      must(
        !other,
        `${others.length} other answers: ${other?.status} ${JSON.stringify(other?.body)}`,
      );
      return Promise.resolve(`${cast.answers.length} taps: 202, ${cast.orderId}`);
    },
    "tap.other-body-refused": async (cast, stage) => {
      const { status, body } = await tap(stage.url, cast, { ...cast.body, ageMs: 1 });
      must(status >= 400, `the same key with another body was answered ${status}`);
      return `${status} ${body.code}`;
    },
  },
  user: async (cast) => {
    const order = await cast.driver.until(cast.orderId, "charging");
    return `one running charge: ${order.id}`;
  },
  ops: async (cast, stage) => {
    const { v } = await stage.ops.api.get<{ v: number }>(`/v1/ops/actors/order/${cast.orderId}`);
    return `order v${v}`;
  },
  money: async (cast, stage) => {
    for (const id of await ordersOf(cast)) {
      await cast.driver.driver.api.ask("POST", `/v1/orders/${id}/stop`);
      await cast.driver.until(id, "paid", "start-failed");
    }
    return await stage.settled();
  },
  log: async (cast, stage) => {
    const records = await stage.console.records("order", cast.orderId);
    const asked = records.filter(({ type }) => type === "ChargeRequested").length;
    must(asked === 1, `${asked} requests in the order's record`);
    return "ChargeRequested once";
  },
  incident: null,
  proof: ({ orderId, driver, pile }) => [
    { kind: "order", id: orderId },
    { kind: "wallet", id: driver.id },
    { kind: "pile", id: pile.id },
  ],
});

export default defineDrill("1.3", [taps]);
