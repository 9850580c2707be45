// Balanced postings of each money event: debit positive, credit negative, sum zero (M1).
// A user's wallet and a hold are what the platform owes (credit); due and provider are owed to it.
import { assert } from "../kit/assert.ts";
import type { Posting } from "../../wire/money.ts";
import type { Fen } from "../../wire/units.ts";

/** Leaves out empty lines and proves that the rest sums to zero. */
export function balanced(lines: readonly [account: string, fen: Fen][]): Posting[] {
  const postings = lines.filter(([, fen]) => fen !== 0)
    .map(([account, fen]) => ({ account, fen }));
  const sum = postings.reduce((total, { fen }) => total + fen, 0);
  assert(sum === 0, "postings do not sum to zero", { postings });
  assert(postings.every(({ fen }) => Number.isSafeInteger(fen)), "not an integer", { postings });
  return postings;
}

interface Split {
  energyFen: Fen;
  serviceFen: Fen;
}

export const rechargePostings = (userId: string, by: string, fen: Fen) =>
  balanced([[`provider:${by}`, fen], [`wallet:${userId}`, -fen]]);

export const refundPostings = (userId: string, by: string, fen: Fen) =>
  balanced([[`wallet:${userId}`, fen], [`provider:${by}`, -fen]]);

/** `deposit`: that of a reservation comes back in the same posting. */
export const holdPostings = (
  userId: string,
  orderId: string,
  fen: Fen,
  deposit: Deposit | null = null,
) =>
  balanced([
    [`deposit:${deposit?.reservationId}`, deposit?.fen ?? 0],
    [`wallet:${userId}`, fen - (deposit?.fen ?? 0)],
    [`hold:${orderId}`, -fen],
  ]);

/** `deposit`: it stands again. */
export const releasePostings = (
  userId: string,
  orderId: string,
  fen: Fen,
  deposit: Deposit | null = null,
) =>
  balanced([
    [`hold:${orderId}`, fen],
    [`wallet:${userId}`, (deposit?.fen ?? 0) - fen],
    [`deposit:${deposit?.reservationId}`, 0 - (deposit?.fen ?? 0)],
  ]);

interface Deposit {
  reservationId: string;
  fen: Fen;
}
export const depositPostings = (userId: string, reservationId: string, fen: Fen) =>
  balanced([[`wallet:${userId}`, fen], [`deposit:${reservationId}`, -fen]]);

export const settlePostings = (
  userId: string,
  reservationId: string,
  { feeFen, refundFen }: { feeFen: Fen; refundFen: Fen },
) =>
  balanced([
    [`deposit:${reservationId}`, feeFen + refundFen],
    [`wallet:${userId}`, -refundFen],
    ["revenue:reservation", -feeFen],
  ]);

/** A hold of lent money, and its end: nothing of it is the user's. */
export const creditPostings = (userId: string, orderId: string, fen: Fen) =>
  balanced([[`credit:${userId}`, fen], [`hold:${orderId}`, -fen]]);

export const creditReleasePostings = (userId: string, orderId: string, fen: Fen) =>
  balanced([[`hold:${orderId}`, fen], [`credit:${userId}`, -fen]]);

/** The lent hold is given up; what was charged is due, unless the balance pays it at once. */
export const creditCapturePostings = (
  userId: string,
  orderId: string,
  { heldFen, fromBalanceFen, dueFen }: Omit<Capture, "releasedFen">,
  { energyFen, serviceFen }: Split,
) =>
  balanced([
    [`hold:${orderId}`, heldFen],
    [`credit:${userId}`, -heldFen],
    [`wallet:${userId}`, fromBalanceFen],
    [`due:${orderId}`, dueFen],
    ["revenue:energy", -energyFen],
    ["revenue:service", -serviceFen],
  ]);

/** What a coupon pays of a bill is revenue, at the platform's own cost; back it goes the same way. */
export const couponPostings = (fen: Fen, { energyFen, serviceFen }: Split) =>
  balanced([
    ["coupon", fen],
    ["revenue:energy", -energyFen],
    ["revenue:service", -serviceFen],
  ]);

/** A correction by hand: back to the balance, off what is due, or off a bill not booked yet. */
export function adjustmentPostings(
  userId: string,
  { orderId, fen, to }: { orderId: string; fen: Fen; to: "balance" | "due" | "bill" },
  { energyFen, serviceFen }: Split,
) {
  switch (to) {
    case "balance":
      return balanced([["refund", fen], [`wallet:${userId}`, -fen]]);
    case "due":
      return balanced([["adjustment", fen], [`due:${orderId}`, -fen]]);
    case "bill":
      return balanced([
        ["adjustment", fen],
        ["revenue:energy", -energyFen],
        ["revenue:service", -serviceFen],
      ]);
  }
}

export interface Capture {
  heldFen: Fen;
  releasedFen: Fen;
  fromBalanceFen: Fen;
  dueFen: Fen;
}
export const capturePostings = (
  userId: string,
  orderId: string,
  { heldFen, releasedFen, fromBalanceFen, dueFen }: Capture,
  { energyFen, serviceFen }: Split,
) =>
  balanced([
    [`hold:${orderId}`, heldFen],
    [`wallet:${userId}`, fromBalanceFen - releasedFen],
    [`due:${orderId}`, dueFen],
    ["revenue:energy", -energyFen],
    ["revenue:service", -serviceFen],
  ]);

/** A bill or the rest of one: `dueFen` of it was booked as revenue when the hold was captured. */
export const billPostings = (
  from: string,
  orderId: string,
  dueFen: Fen,
  { energyFen, serviceFen }: Split,
) =>
  balanced([
    [from, dueFen + energyFen + serviceFen],
    [`due:${orderId}`, -dueFen],
    ["revenue:energy", -energyFen],
    ["revenue:service", -serviceFen],
  ]);

/** The fee for staying is the platform's own; below 0 it goes back. */
export const overstayPostings = (from: string, fen: Fen) =>
  balanced([[from, fen], ["revenue:overstay", -fen]]);

/** A paid bill was wrong by so much: too high below 0. */
export const correctionPostings = (userId: string, { energyFen, serviceFen }: Split) =>
  balanced([
    [`wallet:${userId}`, energyFen + serviceFen],
    ["revenue:energy", -energyFen],
    ["revenue:service", -serviceFen],
  ]);
