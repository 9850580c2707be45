// 1.8 充电中途离开，未留意异常中断: the pile overheats while nobody looks, and tells everything twice.
import type { NoticeItem } from "../../wire/inbox.ts";
import { faultWordsZh } from "../../wire/faults/mod.ts";
import { type Charge, shown } from "../frame/common.ts";
import { defineDrill, part } from "../frame/drill.ts";
import type { Phone } from "../frame/phone.ts";
import { must, never, until } from "../frame/see.ts";

const CODE = "over-temperature";
const NOTICE = "charge.fault";
const WITHIN_MS = 5_000;
/** A second notice would have come by then: notices of one charge leave one after the other. */
const AGAIN_MS = 1_500;
const [SAY, NEXT] = faultWordsZh[CODE];

type Cast = Charge & {
  phone: Phone;
  /** When the pile told its end, on the clock that all of them share. */
  reportedAt: number;
};

/** The whole inbox as its page shows it. */
async function inboxOf({ driver, orderId }: Cast): Promise<NoticeItem[]> {
  const { items } = await driver.driver.api.get<{ items: NoticeItem[] }>("/v1/me/notices");
  return items.filter(({ facts }) => facts.orderId === orderId);
}

/** What has come so far, by way: each thing once, with its moment. */
async function came(cast: Cast): Promise<Record<string, { key: string; at: number }[]>> {
  const { driver, orderId, phone } = cast;
  const pushes = await phone.pushes(orderId);
  return {
    socket: driver.noticesOf(NOTICE, orderId)
      .map(({ id }) => ({ key: id, at: driver.toldAt.get(id)! })),
    push: pushes.map(({ tag, at }) => ({ key: tag, at })),
    sms: (await phone.sms()).map(({ text, at }, i) => ({ key: `${i} ${text}`, at })),
    inbox: (await inboxOf(cast)).map(({ id, at }) => ({ key: id, at: Date.parse(at) })),
  };
}
const keysOf = (way: readonly { key: string }[]) => new Set(way.map(({ key }) => key));
const some = (cast: Cast) =>
  until("the driver is told by any way", async () => {
    const all = await came(cast);
    return Object.values(all).some((way) => way.length > 0) && all;
  });

const unseen = part<"1.8", Cast>({
  ...shown,
  words: { zh: "无人看手机时桩过温，每条上报都重复", en: "The pile overheats, nobody looks" },
  async setup(stage) {
    const charge = await stage.charge();
    const phone = await stage.phone(charge.driver);
    return { ...charge, phone, reportedAt: 0 };
  },
  async fault(cast) {
    const { pile } = cast;
    pile.misbehave({ duplicateFacts: true });
    const end = pile.next("ended");
    pile.fault(CODE, "critical");
    const { reason, at } = await end;
    cast.reportedAt = at;
    pile.fault(CODE, "critical");
    return `${CODE} told ${pile.log("fault").length} times, ended '${reason}', each report doubled`;
  },
  clauses: {
    "notice.socket": async ({ driver, orderId }) => {
      const { code } = await driver.notice(NOTICE, orderId);
      return `socket: ${code}`;
    },
    "notice.push": async ({ phone, orderId }) => {
      const { title } = await until(
        "a push of the end",
        async () => (await phone.pushes(orderId))[0],
      );
      return `push: ${title}`;
    },
    "notice.sms-inbox": async (cast) => {
      const sms = await until("an SMS of the end", async () => (await cast.phone.sms())[0]);
      const item = await until("the end in the inbox", async () => (await inboxOf(cast))[0]);
      return `SMS: ${sms.text}; inbox: ${item.code}`;
    },
    "notice.within-5s": async (cast) => {
      const told = Object.entries(await some(cast)).flatMap(([way, [first]]) =>
        first ? [{ way, ms: first.at - cast.reportedAt }] : []
      );
      const words = told.map(({ way, ms }) => `${way} ${ms} ms`).join(", ");
      must(told.every(({ ms }) => ms <= WITHIN_MS), `after the pile's report: ${words}`);
      return words;
    },
    "notice.once": async (cast) => {
      const first = await some(cast);
      await never(
        "told more than once",
        async () => Object.values(await came(cast)).some((way) => keysOf(way).size > 1),
        AGAIN_MS,
      );
      return Object.keys(first).map((way) => `${way} 1`).join(", ");
    },
    "notice.reason-and-next": async (cast) => {
      await some(cast);
      const [[push], [sms]] = [await cast.phone.pushes(cast.orderId), await cast.phone.sms()];
      const texts = [
        ...(push ? [`${push.title} ${push.body}`] : []),
        ...(sms ? [sms.text] : []),
      ];
      const bare = texts.find((text) => !text.includes(SAY) || !text.includes(NEXT));
      must(texts.length > 0 && bare === undefined, `told without reason and next step: ${bare}`);
      return texts[0]!;
    },
  },
  incident: { row: "2.8", cause: CODE },
});

export default defineDrill("1.8", [unseen]);
