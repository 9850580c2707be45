// What goes wrong at a pile while somebody charges there, drawn at random; each is brought about from
// outside, and undone before the next driver comes.
import type { Pile, Random } from "../../sim/mod.ts";
import { pause } from "../faults/fault.ts";

export interface Mishap {
  readonly name: string;
  /** Before the tap: the pile is bad from then on. */
  before?(pile: Pile, random: Random): void;
  /** A person must look at the pile before it is open again. */
  readonly inspect?: true;
  /** While it charges. */
  during?(pile: Pile, random: Random): Promise<void>;
}

const cut = (pile: Pile, ms: number) => pile.cutLink(Math.round(ms));

export const MISHAPS: readonly Mishap[] = [
  { name: "silent start", before: (pile) => pile.misbehave({ silentStart: true }) },
  { name: "start refused", before: (pile) => pile.misbehave({ refuseStart: "busy" }) },
  {
    name: "late start",
    before: (pile, random) =>
      pile.misbehave({ silentStart: true, lateStartMs: Math.round(random.between(1_000, 25_000)) }),
  },
  {
    name: "slow answers",
    before: (pile, random) =>
      pile.misbehave({ slowAnswersMs: Math.round(random.between(500, 6_000)) }),
  },
  {
    name: "facts twice, queue turned round",
    before: (pile) => pile.misbehave({ duplicateFacts: true, reorderQueue: true }),
  },
  { name: "no readings", before: (pile) => pile.misbehave({ noReadings: true }) },
  { name: "frozen readings", before: (pile) => pile.misbehave({ frozenData: true }) },
  {
    name: "silent stop",
    during: async (pile, random) => {
      pile.misbehave({ silentStop: true });
      void pause(random.between(2_000, 9_000)).then(() => pile.misbehave({ silentStop: false }));
      await pause(0);
    },
  },
  {
    name: "lying stop",
    during: async (pile, random) => {
      pile.misbehave({ lyingStop: true });
      void pause(random.between(2_000, 9_000)).then(() => pile.misbehave({ lyingStop: false }));
      await pause(0);
    },
  },
  {
    name: "link cut",
    during: async (pile, random) => {
      cut(pile, random.between(1_000, 8_000));
      await pause(random.between(0, 3_000));
    },
  },
  {
    name: "link cut for long",
    during: async (pile, random) => {
      cut(pile, random.between(30_000, 45_000));
      await pause(random.between(500, 3_000));
    },
  },
  {
    name: "power lost",
    during: async (pile, random) => {
      pile.losePower(Math.round(random.between(1_000, 6_000)));
      await pause(random.between(0, 3_000));
    },
  },
  {
    name: "power lost for long",
    during: async (pile, random) => {
      pile.losePower(Math.round(random.between(30_000, 45_000)));
      await pause(random.between(500, 3_000));
    },
  },
  {
    name: "gun pulled",
    during: async (pile) => {
      pile.unplug();
      await pause(500);
    },
  },
  {
    name: "vehicle fault",
    during: async (pile) => {
      pile.vehicleFault("BST.insulation", "0x01");
      await pause(500);
    },
  },
  {
    name: "over current",
    inspect: true,
    during: async (pile) => {
      pile.fault("OverCurrentFailure");
      await pause(500);
    },
  },
  {
    name: "stopped at the pile",
    during: async (pile) => {
      pile.stopHere();
      await pause(500);
    },
  },
];

/** Well again, with power, and a car at the gun. */
export async function mended(pile: Pile): Promise<void> {
  pile.behave();
  pile.powerOn();
  pile.clearFault();
  await pile.linked();
  if (pile.car() === null) pile.plug();
}
