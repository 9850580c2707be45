// Every drill of the tree, by row: the suite, the command and the board run what stands here.
import type { Drill } from "./frame/drill.ts";
import doubleTap from "./1-user/1.3-double-tap.ts";
import balanceTooLow from "./1-user/1.4-balance-too-low.ts";
import commandFails from "./2-pile/2.4-command-fails.ts";
import flowA from "./flow-a.ts";
import gunPulled from "./2-pile/2.7-gun-pulled.ts";

export const drills: readonly Drill[] = [flowA, doubleTap, balanceTooLow, commandFails, gunPulled];
