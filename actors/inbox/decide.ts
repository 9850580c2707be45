// Is this notice new, who is told by which way, and what follows when a way fails.
import { isNoticeCode, notices } from "../../wire/notice.ts";
import type { InboxCommand } from "../../wire/inbox.ts";
import { type Ctx, type Decision, nothing } from "../kit/mod.ts";
import {
  AGAIN_MS,
  deviceOf,
  DEVICES_MAX,
  FACTS_CHARS_MAX,
  type InboxEvent,
  type InboxState,
  type Kept,
  type Of,
  pushTarget,
  QUEUE_MAX,
  type Target,
} from "./state.ts";

type Decided = Decision<InboxEvent, InboxState>;

export function decide(state: InboxState, command: InboxCommand, ctx: Ctx): Decided {
  switch (command.type) {
    case "TakeNotice":
      return takeNotice(state, command);
    case "AckNotice":
      return find(state, command.id)?.acked === false
        ? [{ type: "NoticeAcked", id: command.id }]
        : nothing;
    case "ReadNotices": {
      const unread = state.notices.filter(({ id, read }) =>
        !read && (command.ids?.includes(id) ?? true)
      );
      return unread.length > 0
        ? [{ type: "NoticesRead", ids: unread.map(({ id }) => id) }]
        : nothing;
    }
    case "PutDevice":
      return putDevice(state, command);
    case "RemoveDevice":
      return removed(state, command.deviceId, "asked");
    case "WayAnswered":
      return wayAnswered(state, command, ctx);
    case "TimerFired":
      return tryAgain(state, command.name);
  }
}

const find = ({ notices }: InboxState, id: string): Kept | undefined =>
  notices.find((notice) => notice.id === id);

/** The same id twice is one notice: whoever tells it may tell it again. */
function takeNotice(state: InboxState, { id, code, facts }: Of<"TakeNotice">): Decided {
  if (find(state, id)) return nothing;
  const wanted = targetsOf(state, code);
  const isFull = (target: Target) => (state.lanes[target]?.queue.length ?? 0) >= QUEUE_MAX;
  const kept = JSON.stringify(facts).length > FACTS_CHARS_MAX ? {} : facts;
  return [
    {
      type: "NoticeTaken",
      id,
      code,
      facts: kept,
      targets: wanted.filter((target) => !isFull(target)),
    },
    ...wanted.filter(isFull).map((target): InboxEvent => ({
      type: "SendGivenUp",
      id,
      target,
      code: "way.full",
    })),
  ];
}

/** By the one table; a code that it does not know is shown and pushed, nothing that costs. */
function targetsOf({ devices }: InboxState, code: string): Target[] {
  const ways = isNoticeCode(code) ? notices[code].ways : ["push"];
  return ways.flatMap((way) => way === "push" ? devices.map(pushTarget) : [way]);
}

function putDevice({ devices }: InboxState, { deviceId }: Of<"PutDevice">): Decided {
  if (devices.includes(deviceId)) return nothing;
  const oldest = devices.length < DEVICES_MAX ? undefined : devices[0];
  return [
    ...(oldest === undefined
      ? []
      : [{ type: "DeviceRemoved", deviceId: oldest, why: "one-too-many" } as const]),
    { type: "DevicePut", deviceId },
  ];
}

function removed(
  { devices }: InboxState,
  deviceId: string,
  why: "asked" | "gone",
): Decided & readonly InboxEvent[] {
  return devices.includes(deviceId) ? [{ type: "DeviceRemoved", deviceId, why }] : nothing;
}

/** Only the head of a lane is under way: any other answer is a stray. */
function wayAnswered(state: InboxState, { ref, answer }: Of<"WayAnswered">, ctx: Ctx): Decided {
  const { id, target } = ref;
  const lane = state.lanes[target];
  if (lane?.queue[0] !== id) return nothing;
  if (answer.ok) return [{ type: "NoticeSent", id, target }];
  const { code } = answer.refusal;
  const deviceId = deviceOf(target);
  if (code === "way.gone" && deviceId !== null) return removed(state, deviceId, "gone");
  const pauseMs = AGAIN_MS[lane.failures];
  const isOver = code === "way.nobody" || code === "way.refused" || pauseMs === undefined;
  if (!isOver) {
    return [{ type: "SendFailed", id, target, code, againAt: ctx.at + pauseMs }];
  }
  return [{ type: "SendGivenUp", id, target, code }, ...untold(state, id, target, ctx)];
}

/** No way is left for an abnormal end, and no page has it: a person must call. */
function untold(state: InboxState, id: string, target: Target, ctx: Ctx): InboxEvent[] {
  const notice = find(state, id);
  if (!notice || !isNoticeCode(notice.code) || !notices[notice.code].abnormal) return [];
  const waits = Object.entries(state.lanes)
    .some(([other, { queue }]) => other !== target && queue.includes(id));
  if (waits || notice.acked || notice.read || notice.sent.length > 0) return [];
  const { orderId } = notice.facts;
  return [{
    type: "IncidentRaised",
    row: "1.8",
    cause: "no-way-left",
    actor: `inbox/${ctx.self.id}`,
    words: "notice.undelivered",
    action: "kept-in-inbox",
    outcome: "needs-person",
    facts: { code: notice.code, failed: [...notice.failed, target], orderId },
  }];
}

function tryAgain(state: InboxState, name: string): Decided {
  const target = name.slice("again/".length);
  const id = state.lanes[target]?.queue[0];
  return id === undefined ? nothing : [{ type: "SendTriedAgain", id, target }];
}
