// The wallet (钱包): what a user owns, what is held for charges, in double entry (docs/money.md).
import type { ActorDefinition } from "../kit/mod.ts";
import { walletCommand } from "../../wire/money.ts";
import { parseBy } from "../kit/parse.ts";
import { decide } from "./decide.ts";
import { evolve } from "./evolve.ts";
import { read } from "./read.ts";
import type { WalletCommand, WalletEvent, WalletState } from "./state.ts";

export type { WalletEvent, WalletState } from "./state.ts";

export const wallet: ActorDefinition<WalletState, WalletCommand, WalletEvent> = {
  kind: "wallet",
  sv: 1,
  initial: { status: "absent" },
  parse: parseBy(walletCommand),
  grants: {
    OpenWallet: ["actor"],
    PlaceHold: ["actor"],
    RaiseHold: ["actor"],
    CaptureHold: ["actor"],
    ReleaseHold: ["actor"],
    PlaceDeposit: ["actor"],
    SettleDeposit: ["actor"],
    RefundOrder: ["actor"],
    GrantCoupon: ["actor"],
    UseCoupon: ["actor"],
    ReturnCoupon: ["actor"],
    PayFromBalance: ["actor"],
    BookPayment: ["actor"],
    BookRefund: ["actor"],
    CorrectBill: ["actor"],
    PayOverstay: ["actor"],
    ReturnOverstay: ["actor"],
    TimerFired: ["system"],
  },
  decide,
  evolve,
  react: () => [], // it is asked and answers; whoever asked goes on from there
  read: (name, state, _memory, _query, ctx) => read(name, state, ctx),
};
