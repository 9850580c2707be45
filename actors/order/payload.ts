// What an approval of an adjustment is bound to: everything that will be done, and to what.
import type { Adjustment } from "./state.ts";

export const payloadOf = (
  orderId: string,
  { fen, reason }: Pick<Adjustment, "fen" | "reason">,
): Record<string, unknown> => ({ action: "adjust-order", orderId, fen, reason });
