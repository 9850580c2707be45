// The campaign (优惠活动): grants coupons to wallets, never for more than its budget (M6).
import { campaignCommand, type CampaignView } from "../../wire/campaign.ts";
import { assert } from "../kit/assert.ts";
import {
  type ActorDefinition,
  type Ctx,
  type Decision,
  nothing,
  onEvent,
  refuse,
  replied,
  Tell,
} from "../kit/mod.ts";
import { parseBy } from "../kit/parse.ts";
import { hasRole } from "../kit/who.ts";
import {
  type CampaignCommand,
  type CampaignEvent,
  type CampaignState,
  couponFenOf,
  type Open,
  USERS_MAX,
} from "./state.ts";

type Decided = Decision<CampaignEvent, CampaignState>;
type Of<T extends CampaignCommand["type"]> = Extract<CampaignCommand, { type: T }>;

function decide(state: CampaignState, command: CampaignCommand, ctx: Ctx): Decided {
  switch (command.type) {
    case "OpenCampaign":
      return open(state, command, ctx);
    case "GrantCoupons":
      return grant(state, command, ctx);
    case "GrantAnswered": {
      if (state.status === "absent" || command.answer.ok) return nothing;
      const { userId, couponId } = command.ref as { userId: string; couponId: string };
      const { code } = command.answer.refusal;
      return [{ type: "GrantRefused", userId, couponId, fen: couponFenOf(state) ?? 0, code }];
    }
    case "TimerFired":
      return nothing;
  }
}

const shown = (events: CampaignEvent[], ctx: Ctx): Decided =>
  replied(events, (after, v) => after.status === "absent" ? null : viewOf(after, ctx.self.id, v));

function open(state: CampaignState, command: Of<"OpenCampaign">, ctx: Ctx): Decided {
  if (!hasRole(ctx.principal, "finance")) return refuse("auth.forbidden");
  if (state.status === "open") return refuse("campaign.exists", { campaignId: ctx.self.id });
  const { type: _type, ...plan } = command;
  if (couponFenOf(plan) === null) {
    return refuse("command.malformed", { why: "a percentage without a limit has no budget" });
  }
  return shown([{ type: "CampaignOpened", ...plan, by: ctx.principal.id }], ctx);
}

/** All or none: who may not have one is named, nobody has one then. */
function grant(state: CampaignState, { userIds }: Of<"GrantCoupons">, ctx: Ctx): Decided {
  if (!hasRole(ctx.principal, "finance")) return refuse("auth.forbidden");
  if (state.status === "absent") return refuse("campaign.unknown", { campaignId: ctx.self.id });
  const wanted = new Map<string, number>();
  for (const id of userIds) wanted.set(id, (wanted.get(id) ?? 0) + 1);
  for (const [userId, n] of wanted) {
    const has = state.users[userId] ?? 0;
    if (has + n > state.perUser) return refuse("coupon.enough", { userId, has });
  }
  const leftFen = state.budgetFen - state.grantedFen;
  const fen = (couponFenOf(state) ?? 0) * userIds.length;
  if (fen > leftFen) return refuse("coupon.budget-spent", { needFen: fen, leftFen });
  const users = new Set([...Object.keys(state.users), ...userIds]).size;
  if (users > USERS_MAX) return refuse("overloaded", { users: USERS_MAX });
  const grants = userIds.map((userId, i) => (
    { userId, couponId: `cpn_${ctx.self.id.slice(4)}-${state.serial + i + 1}` }
  ));
  return shown([{ type: "CouponsGranted", grants, fen, by: ctx.principal.id }], ctx);
}

function evolve(state: CampaignState, event: CampaignEvent): CampaignState {
  if (event.type === "CampaignOpened") {
    const { type: _type, by: _by, ...plan } = event;
    return { status: "open", ...plan, grantedFen: 0, serial: 0, users: {}, newest: [] };
  }
  assert(state.status === "open", "coupons of no campaign", { event: event.type });
  if (event.type === "GrantRefused") {
    return { ...state, grantedFen: state.grantedFen - event.fen, users: counted(state, event, -1) };
  }
  const { grants, fen } = event;
  let { users } = state;
  for (const one of grants) users = counted({ users }, one, 1);
  const serial = state.serial + grants.length;
  return { ...state, grantedFen: state.grantedFen + fen, serial, users, newest: grants };
}

function counted({ users }: Pick<Open, "users">, { userId }: { userId: string }, by: number) {
  const n = (users[userId] ?? 0) + by;
  const { [userId]: _before, ...others } = users;
  return n > 0 ? { ...others, [userId]: n } : others;
}

const react = onEvent<CampaignEvent, CampaignState>({
  CouponsGranted: ({ grants }, state) =>
    state.status === "absent" ? [] : grants.map(({ userId, couponId }) =>
      Tell(
        { kind: "wallet", id: userId },
        "GrantCoupon",
        { terms: { ...state.terms, id: couponId } },
        { onReply: "GrantAnswered", ref: { userId, couponId } },
      )
    ),
});

function viewOf(state: Open, id: string, v: number): CampaignView {
  const { name, terms, budgetFen, perUser, grantedFen, newest } = state;
  const granted = Object.values(state.users).reduce((sum, n) => sum + n, 0);
  const plan = { name, terms, budgetFen, perUser, couponFen: couponFenOf(state) ?? 0 };
  return { id, v, ...plan, grantedFen, granted, newest };
}

export const campaign: ActorDefinition<CampaignState, CampaignCommand, CampaignEvent> = {
  kind: "campaign",
  sv: 1,
  initial: { status: "absent" },
  parse: parseBy(campaignCommand),
  grants: {
    OpenCampaign: ["ops"],
    GrantCoupons: ["ops"],
    GrantAnswered: ["system"],
    TimerFired: ["system"],
  },
  decide,
  evolve,
  react,
  read(name, state, _memory, _query, { principal, self, v }) {
    const mayLook = principal.kind === "ops" || principal.kind === "system";
    if (state.status === "absent" || !mayLook) {
      return refuse("campaign.unknown", { campaignId: self.id });
    }
    if (name !== "show") return refuse("request.not-found", { read: name });
    return { body: viewOf(state, self.id, v) };
  },
};
