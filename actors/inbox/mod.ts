// The inbox of a driver (车主消息): every notice once, by every way that is meant for it, in order.
import type { ActorDefinition } from "../kit/mod.ts";
import { parseBy } from "../kit/parse.ts";
import { isDriver } from "../kit/who.ts";
import { type InboxCommand, inboxCommand } from "../../wire/inbox.ts";
import { refuse } from "../kit/mod.ts";
import { decide } from "./decide.ts";
import { evolve } from "./evolve.ts";
import { react } from "./react.ts";
import { read } from "./read.ts";
import type { InboxEvent, InboxState } from "./state.ts";

export type { InboxEvent, InboxState } from "./state.ts";

export const inbox: ActorDefinition<InboxState, InboxCommand, InboxEvent> = {
  kind: "inbox",
  sv: 1,
  initial: { notices: [], left: 0, lanes: {}, devices: [] },
  parse: parseBy(inboxCommand),
  grants: {
    TakeNotice: ["system"],
    AckNotice: ["driver"],
    ReadNotices: ["driver"],
    PutDevice: ["driver"],
    RemoveDevice: ["driver", "system"],
    WayAnswered: ["system"],
    TimerFired: ["system"],
  },
  decide(state, command, ctx) {
    const isTheirs = ctx.principal.kind !== "driver" || isDriver(ctx.principal, ctx.self.id);
    return isTheirs ? decide(state, command, ctx) : refuse("auth.forbidden");
  },
  evolve,
  react,
  read: (name, state, _memory, _query, ctx) => read(name, state, ctx),
};
