// 1.7 用户手动停止失败: the app dies with the tap on stop. Whoever asks for help is helped; whoever is
// gone is stopped by a limit, here at piles that know nothing of limits (OCPP).
import type { Ops } from "../../sim/mod.ts";
import { keepOrder, storedOrder } from "../../mobile-web/src/data/last-order.ts";
import type { StationDetail } from "../../wire/http.ts";
import type { ChargeLimit } from "../../wire/pile.ts";
import type { TicketView } from "../../wire/ticket.ts";
import type { SafeguardOf } from "../../wire/safeguards.ts";
import { type Charge, heard, OVER, shown } from "../frame/common.ts";
import { type Check, defineDrill, part } from "../frame/drill.ts";
import { must, until } from "../frame/see.ts";
import type { Stage } from "../frame/stage.ts";

/** The tap on stop of an app that dies with it: it never leaves the phone. */
async function lostTap({ driver, orderId, pile }: Charge, stage: Stage): Promise<string> {
  const tap = fetch(new URL(`/v1/orders/${orderId}/stop`, stage.url), {
    method: "POST",
    signal: AbortSignal.abort(),
  });
  const why = await tap.then(() => null, (error: unknown) => String(error));
  must(why !== null, "the tap got through");
  driver.close();
  const before = pile.register();
  await until("the charge runs on", () => pile.register() > before);
  return why;
}

// ---- who asks for help

interface Helped extends Charge {
  /** Another driver's charge, which the operator on duty stops. */
  other: Charge;
  ticketId: string;
}

async function ticketOf({ ticketId }: Helped, stage: Stage): Promise<TicketView> {
  return await until("the ticket at the console", async () => {
    const { items } = await stage.ops.api.get<{ items: TicketView[] }>("/v1/ops/tickets");
    return items.find(({ id }) => id === ticketId);
  });
}

async function stoppedBy(ops: Ops, { driver, orderId, pile }: Charge): Promise<void> {
  const reason = "the driver cannot stop";
  await ops.api.post(`/v1/ops/orders/${orderId}/force-stop`, { reason });
  const { ending } = await driver.until(orderId, ...OVER);
  must(ending === "ops" && heard(pile, "stop").length > 0, `ended by ${ending}`);
}

/** Where the number must be: on the order's page, kept for no network, on the printed sticker. */
async function phoneSeen({ driver, orderId, pile }: Charge, stage: Stage): Promise<string> {
  const { api } = driver.driver;
  const order = await driver.driver.order(orderId);
  const station = await api.get<StationDetail>(`/v1/stations/${order.stationId}`);
  must(/\d{5}/.test(station.phone), "the order's page has no number");
  const shelf = new Map<string, string>(); // of the phone
  const getItem = (name: string) => shelf.get(name) ?? null;
  const setItem = (name: string, text: string) => void shelf.set(name, text);
  keepOrder(order, station, { getItem, setItem });
  const offline = storedOrder({ getItem, setItem });
  must(offline?.id === orderId && offline.station?.phone === station.phone, "not kept for offline");
  const sheet = await until("the pile's sticker", async () => {
    type Sheet = { station: { phone: string }; stickers: { pileId: string; url: string }[] };
    const path = `/v1/ops/stations/${order.stationId}/stickers`;
    const all = await stage.ops.api.get<Sheet>(path);
    return all.stickers.some(({ pileId }) => pileId === pile.id) && all;
  });
  must(sheet.station.phone === station.phone, `the sticker says '${sheet.station.phone}'`);
  return `${station.phone}: page, offline copy, sticker`;
}

const helped = part<"1.7", Helped>({
  ...shown,
  words: {
    zh: "停充点击丢失，车主一键求助",
    en: "The tap on stop is lost; the driver asks for help",
  },
  async setup(stage) {
    const [charge, other] = await Promise.all([stage.charge(), stage.charge()]);
    return { ...charge, other, ticketId: "" };
  },
  async fault(cast, stage) {
    const why = await lostTap(cast, stage);
    const { ticketId } = await cast.driver.driver.api.post<{ ticketId: string }>("/v1/help", {
      orderId: cast.orderId,
      text: "停不下来",
    });
    cast.ticketId = ticketId;
    return `the tap was lost (${why}), the charge runs on; help asked for: ${ticketId}`;
  },
  clauses: {
    "help.ticket-with-order": async (cast, stage) => {
      const { orderId, pileId, status } = await ticketOf(cast, stage);
      must(orderId === cast.orderId, `the ticket is about order ${orderId}`);
      return `${cast.ticketId} ${status}: ${orderId} at ${pileId}`;
    },
    "help.rings-console": async ({ ticketId }, stage) => {
      const { severity, code } = await stage.console.alert(
        "of the call for help",
        ({ facts }) => facts.actor === `ticket/${ticketId}`,
      );
      return `${severity} ${code}`;
    },
    "help.station-phone": phoneSeen,
    "stop.by-ops": async (cast, stage) => {
      await stoppedBy(await stage.colleague("service"), cast);
      await stoppedBy(stage.ops, cast.other);
      return "customer service and the operator each stopped one; the piles heard it";
    },
  },
  user: async (cast) => {
    const { api } = cast.driver.driver;
    const told = await until("the driver is told who stopped it", async () => {
      type Inbox = { items: { code: string; facts: Record<string, unknown> }[] };
      const { items } = await api.get<Inbox>("/v1/me/notices");
      return items.find(({ code, facts }) =>
        code === "charge.ops-stopped" && facts.orderId === cast.orderId
      );
    });
    return `${told.code}: ${String(told.facts.why)}`;
  },
  money: async (cast, stage) => {
    await stopped(cast.other);
    return await shown.money(cast, stage);
  },
  incident: { cause: "ops-stopped", outcome: "handled" },
});

// ---- who is gone

const limits = {
  energy: { energyWh: 100 },
  time: { timeMs: 5_000 },
  money: { moneyFen: 40 },
  soc: { socPct: 50 },
  platform: {},
} as const satisfies Record<string, ChargeLimit>;
type Limit = keyof typeof limits;
const names = Object.keys(limits) as Limit[];
/** A hair below the limit: a battery takes half a minute for one percent. */
const NEARLY_PCT = 49.97;
/** Six times a car's power: a charge of a minute in ten seconds. */
const QUICK = { lane: "ocpp1.6", ratedPowerW: 600_000, energyFactor: 6 } as const;

/** Its own charge is the one that nobody limited. */
type Gone = Charge & { by: Record<Limit, Charge> };

const reached = (limit: Limit): Check<Gone> => async ({ by }, stage) => {
  const { driver, orderId, pile } = by[limit];
  const { ending, bill } = await driver.until(orderId, ...OVER);
  const records = await stage.console.records("pile", pile.id);
  const seen = records.find(({ type }) => type === "LimitReached")?.event.limit;
  must(ending === "limit" && seen === limit, `ended by ${ending}, limit ${String(seen)}`);
  return `stopped by itself after ${bill?.energyWh} Wh, ${bill?.totalFen} fen`;
};

async function stopped({ driver, orderId }: Charge): Promise<void> {
  const { status } = await driver.driver.order(orderId);
  if (status === "charging") await driver.driver.api.ask("POST", `/v1/orders/${orderId}/stop`);
  await driver.until(orderId, ...OVER);
}

const gone = part<"1.7", Gone>({
  ...shown,
  words: { zh: "车主离开，停充点击丢失，桩不认识限额", en: "The drivers are gone; limits stop it" },
  times: { chargeMsMax: 8_000 },
  async setup(stage) {
    const charges = await Promise.all(names.map(async (limit) => {
      const wish = { ...QUICK, ...(limit === "soc" ? { socPct: NEARLY_PCT } : {}) };
      const [pile, driver] = await Promise.all([stage.pile(wish), stage.person()]);
      return [limit, { pile, driver, orderId: "" }] as const;
    }));
    const by = Object.fromEntries(charges) as Record<string, Charge> as Gone["by"];
    return { ...by.platform, by };
  },
  async fault(cast, stage) {
    const taps = await Promise.all(names.map(async (limit) => {
      const charge = cast.by[limit];
      const order = await charge.driver.start({
        pileId: charge.pile.id,
        autoCapture: true,
        limit: limits[limit],
      });
      charge.orderId = order.id;
      await charge.driver.until(order.id, "charging", ...OVER);
      if (limit === "platform") return await lostTap(charge, stage);
      charge.driver.close();
      return null;
    }));
    cast.orderId = cast.by.platform.orderId;
    const why = taps.find((tap) => tap !== null)!;
    return `${names.length} phones are gone, the tap on stop is lost (${why})`;
  },
  clauses: {
    "limit.energy": reached("energy"),
    "limit.time": reached("time"),
    "limit.money": reached("money"),
    "limit.soc": reached("soc"),
    "limit.platform-max": reached("platform"),
  } satisfies Partial<Record<SafeguardOf<"1.7">, Check<Gone>>>,
  money: async ({ by }, stage) => {
    for (const charge of Object.values(by)) await stopped(charge);
    return await stage.settled();
  },
  incident: { cause: "platform-max", outcome: "handled" },
  proof: ({ by }) => Object.values(by).map(({ orderId }) => ({ kind: "order", id: orderId })),
});

export default defineDrill("1.7", [helped, gone]);
