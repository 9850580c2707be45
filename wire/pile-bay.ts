// What an order says to its pile of the bay after the charge.
import * as z from "zod";
import { orderId } from "./ids.ts";
import { connectorNo } from "./units.ts";

export const bayCommands = [
  z.strictObject({
    type: z.literal("AskBay"), // order; reply {at, stays}: does its car still stand there, by this node
    orderId,
    connector: connectorNo,
  }),
  z.strictObject({
    type: z.literal("ReleaseBay"), // order, for ops; reply null; BayTold unlocked or unlock-failed follows
    orderId,
    connector: connectorNo,
    by: z.string().max(80),
    reason: z.string().min(1).max(500),
    /** Out of service as well. */
    shut: z.boolean(),
  }),
] as const;
