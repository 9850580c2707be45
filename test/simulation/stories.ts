// Runs that once broke an invariant, kept so that they never do again. A story begins as a failing seed
// of a campaign and is made small by `npm run campaign -- --tell SEED`.
import { allBut } from "./faults.ts";
import type { RunOptions } from "./options.ts";

interface Kept extends RunOptions {
  /** What went wrong, in words. */
  story: string;
}

export const STORIES: readonly Kept[] = [
  {
    story: "a node that another has overtaken must not tell a pile that its facts have a gap",
    seed: 3,
    reservations: false,
    steps: 17,
    off: allBut("message-lost"),
  },
  {
    story:
      "what a node has stored without an acknowledgement it must not deny when its time is out",
    seed: 85,
    reservations: false,
    steps: 138,
    drivers: 1,
    off: allBut("ack-lost", "read-lost", "link-lost"),
  },
  {
    story: "a copy that came too late must not deny what another copy has done",
    seed: 2706,
    reservations: false,
    steps: 500,
    nodes: 2,
    off: allBut(
      "message-lost",
      "ack-lost",
      "append-lost",
      "read-lost",
      "provider-fails",
      "node-pauses",
      "clock-jumps",
      "journal-away",
      "journal-full",
      "power-cut",
      "link-lost",
    ),
  },
  {
    story: "a top-up that is answered behind the end of its charge is refused, and changes nothing",
    seed: 302_987,
    reservations: false,
    steps: 293,
    off: allBut(
      "message-lost",
      "message-delayed",
      "append-lost",
      "append-late",
      "node-pauses",
      "journal-full",
      "gun-pulled",
    ),
  },
  {
    story: "a copy that came too late must not deny an append that nobody answered",
    seed: 19478,
    reservations: false,
    steps: 500,
  },
  {
    story: "a session that a card's charge followed is settled while everybody still waits for it",
    seed: 33_799,
    reservations: false,
    steps: 500,
    off: allBut(
      "message-lost",
      "message-doubled",
      "message-delayed",
      "ack-lost",
      "append-lost",
      "append-late",
      "command-lost",
      "answer-late",
      "node-crashes",
      "node-pauses",
      "clock-jumps",
      "power-cut",
      "link-lost",
      "card-swiped",
    ),
  },
  {
    story: "a late callback finds its payment in the archive, not a subject that is empty again",
    seed: 62_877,
    reservations: false,
    steps: 500,
    off: allBut(
      "message-lost",
      "message-doubled",
      "message-delayed",
      "start-late",
      "provider-fails",
      "callback-late",
      "node-crashes",
      "node-pauses",
      "journal-away",
      "journal-full",
      "power-cut",
      "pile-faulty",
    ),
  },
  {
    story: "an append that nobody answered may come as long as nothing else has followed",
    seed: 62_223,
    reservations: false,
    steps: 379,
    off: allBut(
      "message-delayed",
      "ack-lost",
      "append-lost",
      "append-late",
      "read-lost",
      "answer-lost",
      "start-late",
      "fact-doubled",
      "fact-answer-lost",
      "node-crashes",
      "node-pauses",
      "clock-jumps",
      "journal-away",
      "journal-full",
    ),
  },
];
