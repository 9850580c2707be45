// Every drill of the tree, by row: the suite, the command and the board run what stands here.
import type { Drill } from "./frame/drill.ts";
import flowA from "./flow-a.ts";
import flowB from "./flow-b.ts";
import doubleTap from "./1-user/1.3-double-tap.ts";
import balanceTooLow from "./1-user/1.4-balance-too-low.ts";
import noShow from "./1-user/1.5-no-show.ts";
import cannotStop from "./1-user/1.7-cannot-stop.ts";
import abnormalEnd from "./1-user/1.8-abnormal-end-unseen.ts";
import vehicleFault from "./1-user/1.9-vehicle-bms-fault.ts";
import internalFault from "./2-pile/2.2-internal-fault.ts";
import notPlugged from "./2-pile/2.3-gun-not-plugged.ts";
import commandFails from "./2-pile/2.4-command-fails.ts";
import telemetryGone from "./2-pile/2.5-telemetry-gone.ts";
import lockFault from "./2-pile/2.6-lock-fault.ts";
import gunPulled from "./2-pile/2.7-gun-pulled.ts";
import electricalFault from "./2-pile/2.8-electrical-fault.ts";
import doubleDebit from "./4-money/4.1-double-debit.ts";
import unpaid from "./4-money/4.2-unpaid.ts";
import wrongBill from "./4-money/4.3-wrong-bill.ts";
import holdTooSmall from "./4-money/4.4-hold-too-small.ts";
import coupons from "./4-money/4.5-coupons.ts";
import partnerLock from "./5-partners/5.4-partner-lock.ts";
import occupiedBays from "./7-operations/7.3-occupied-bays.ts";

export const drills: readonly Drill[] = [
  flowA,
  flowB,
  doubleTap,
  balanceTooLow,
  noShow,
  cannotStop,
  abnormalEnd,
  vehicleFault,
  internalFault,
  notPlugged,
  commandFails,
  telemetryGone,
  lockFault,
  gunPulled,
  electricalFault,
  doubleDebit,
  unpaid,
  wrongBill,
  holdTooSmall,
  coupons,
  partnerLock,
  occupiedBays,
];
