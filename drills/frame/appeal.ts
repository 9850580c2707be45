// Flow B 6, 申诉: the driver could not come to the pile. Once, and three times within a month.
import { part } from "./drill.ts";
import { of, others, promise, type Promised, seen, untilIs } from "./promise.ts";
import { must, until } from "./see.ts";
import type { Stage } from "./stage.ts";

interface Appealed extends Promised {
  ticketId: string;
  refundFen: number;
}
const TEXT = "油车占位，无法进入";
const appeal = ({ driver, id }: Promised) =>
  driver.driver.api.post<{ ticketId: string; refundFen: number }>(
    `/v1/reservations/${id}/appeal`,
    { text: TEXT },
  );
interface Ticket {
  id: string;
  reservationId?: string;
  pileId?: string;
  lines: { text: string }[];
}
async function ticketOf({ ticketId }: Appealed, stage: Stage): Promise<Ticket> {
  return await until("the ticket on the console", async () => {
    const { items } = await stage.ops.api.get<{ items: Ticket[] }>("/v1/ops/tickets", {
      status: "open",
      size: 100,
    });
    return items.find(({ id }) => id === ticketId);
  });
}

export const appealed = part<"flow-b", Appealed>({
  ...seen,
  words: { zh: "车位被油车占住，申诉", en: "A fuel car blocks the bay: an appeal" },
  times: { reserveMinuteMs: 60_000 },
  setup: async (stage) => ({ ...await promise(stage), ticketId: "", refundFen: -1 }),
  async fault(cast) {
    Object.assign(cast, await appeal(cast));
    return `ticket ${cast.ticketId}, ${cast.refundFen} fen promised`;
  },
  clauses: {
    "reserve.appeal-ticket": async (cast, stage) => {
      await untilIs(cast, "appealed");
      const { reservationId, lines } = await ticketOf(cast, stage);
      must(reservationId === cast.id, "the ticket does not name the reservation");
      must(lines.some(({ text }) => text === TEXT), "the ticket does not say why");
      const why = await others(stage, cast);
      must(why === "free", `others find the pile ${why}`);
      return `申诉取消, ticket ${cast.ticketId}, the pile is free`;
    },
    "reserve.appeal-deposit": async (cast) => {
      const balance = async () => (await cast.driver.driver.wallet()).balanceFen;
      await until("the deposit is back", async () => await balance() === 50_000);
      return `${(await of(cast)).refundFen} fen back`;
    },
  },
  incident: { cause: "appeal", outcome: "handled" },
});

export const thrice = part<"flow-b", Appealed>({
  ...seen,
  words: { zh: "30 天内第三次申诉", en: "The third appeal within 30 days" },
  times: { reserveMinuteMs: 60_000 },
  setup: async (stage) => ({ ...await promise(stage), ticketId: "", refundFen: -1 }),
  async fault(cast) {
    for (let n = 1; n <= 3; n++) {
      Object.assign(cast, await appeal(cast));
      if (n === 3) break;
      const again = () => cast.driver.driver.reserve({ pileId: cast.pile.id }).catch(() => null);
      cast.id = (await until("the pile may be reserved again", again)).id;
    }
    return "three appeals";
  },
  clauses: {
    "reserve.appeal-limited": async (cast, stage) => {
      must(cast.refundFen === 0, `${cast.refundFen} fen went back at once`);
      const service = await stage.colleague("service");
      const path = `/v1/ops/reservations/${cast.id}/appeal`;
      const body = { grant: true, reason: "the picture of the camera shows it" };
      await service.api.post(path, body);
      const { appeal: told } = await of(cast);
      must(told?.status === "granted", `the appeal is ${told?.status}`);
      return "nothing went back until a person had looked";
    },
  },
  incident: { cause: "appeal", outcome: "needs-person" },
});
