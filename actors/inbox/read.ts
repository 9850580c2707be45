// An inbox as its driver sees it: all of what is kept, newest first; or what no page has yet.
import type { InboxView, NoticeItem } from "../../wire/inbox.ts";
import type { Notice } from "../../wire/live.ts";
import { isoOf } from "../../wire/units.ts";
import { type Ctx, refuse, type Refused } from "../kit/mod.ts";
import { isDriver } from "../kit/who.ts";
import type { InboxState, Kept } from "./state.ts";

/** What nobody has looked at for a day is read in the list. */
const PENDING_MS = 24 * 3_600_000;

export function read(name: string, state: InboxState, ctx: Ctx): { body: unknown } | Refused {
  if (!isDriver(ctx.principal, ctx.self.id) && ctx.principal.kind !== "system") {
    return refuse("user.unknown", { userId: ctx.self.id });
  }
  switch (name) {
    case "show":
      return { body: viewOf(ctx.without.has("notice.sms-inbox") ? emptied(state) : state, ctx.v) };
    case "pending": {
      const pending: Notice[] = state.notices
        .filter(({ acked, at }) => !acked && at > ctx.at - PENDING_MS)
        .map(({ id, code, facts }) => ({ id, code, facts }));
      return { body: pending };
    }
    default:
      return refuse("request.not-found", { read: name });
  }
}

function viewOf({ notices, devices, left }: InboxState, v: number): InboxView {
  return {
    v,
    items: notices.toReversed().map(itemOf),
    unread: notices.filter(({ read }) => !read).length,
    devices,
    older: left > 0,
  };
}

/** As an inbox that keeps no notices shows it. */
const emptied = (state: InboxState): InboxState => ({ ...state, notices: [] });

const itemOf = ({ id, code, facts, at, read }: Kept): NoticeItem => (
  { id, code, facts, at: isoOf(at), read }
);
