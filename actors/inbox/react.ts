// What leaves an inbox: one call a lane, the next when the head is done with.
import { Call, CancelTimer, type Ctx, type Effect, onEvent, StartTimer } from "../kit/mod.ts";
import type { WayCall } from "../../wire/inbox.ts";
import { type InboxEvent, type InboxState, pushTarget, type Target } from "./state.ts";

const timerOf = (target: Target): string => `again/${target}`;

/** A notice that left the inbox while it waited is left out: its order holds the news. */
function send(state: InboxState, target: Target, { tenant, self }: Ctx): Effect[] {
  const id = state.lanes[target]?.queue[0];
  if (id === undefined) return [];
  const { code = "", facts = {}, at = 0 } = state.notices.find((one) => one.id === id) ?? {};
  const body: WayCall = { tenant, userId: self.id, target, id, code, facts, at };
  return [Call("way", target, body, { onReply: "WayAnswered", ref: { id, target } })];
}

export const react = onEvent<InboxEvent, InboxState>({
  NoticeTaken: ({ id, targets }, state, ctx) =>
    targets.flatMap((target) =>
      state.lanes[target]?.queue[0] === id ? send(state, target, ctx) : []
    ),
  NoticeSent: ({ target }, state, ctx) => send(state, target, ctx),
  SendGivenUp: ({ code, target }, state, ctx) =>
    code === "way.full" ? [] : send(state, target, ctx), // a full lane's head is under way
  SendFailed: ({ target, againAt }) => [StartTimer(timerOf(target), againAt)],
  SendTriedAgain: ({ target }, state, ctx) => send(state, target, ctx),
  DeviceRemoved: ({ deviceId }) => [CancelTimer(timerOf(pushTarget(deviceId)))],
});
