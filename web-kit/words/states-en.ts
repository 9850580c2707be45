// English words for the states of orders, reservations and connectors, and for how a charge ended.
import type { CodeWords } from "./codes.ts";

export const statesEn: Pick<CodeWords, "order" | "reservation" | "ending" | "status"> = {
  order: {
    "authorizing": "Authorising",
    "declined": "Declined",
    "starting": "Starting",
    "start-failed": "Start failed",
    "charging": "Charging",
    "stopping": "Stopping",
    "bill-review": "Bill in review",
    "awaiting-payment": "Awaiting payment",
    "paid": "Paid",
    "overdue": "Overdue",
  },
  reservation: {
    "awaiting-deposit": "Deposit due",
    "reserved": "Reserved",
    "fulfilled": "Fulfilled",
    "cancelled": "Cancelled",
    "no-show": "No-show",
    "appealed": "Appealed",
  },
  ending: {
    "user": ["You stopped the charge", "Unplug and put the cable back"],
    "limit": ["Your target was reached", "Unplug and put the cable back"],
    "vehicle": ["Stopped at the car or the pile", "If it was not you, check the car"],
    "fault": ["Interrupted by a fault", "Unplug and use another pile, or contact support"],
    "gun-pulled": [
      "Interrupted: the plug was pulled",
      "You pay for real energy only; start again to go on",
    ],
    "ops": ["Stopped by the operator", "Contact support if you have questions"],
  },
  status: {
    "free": "Free",
    "plugged": "Plugged in",
    "kept": "Held",
    "starting": "Starting",
    "charging": "Charging",
    "stopping": "Stopping",
    "occupied": "Occupied",
    "reserved": "Reserved",
    "faulted": "Faulted",
    "offline": "Offline",
    "disabled": "Disabled",
  },
};
