// What the platform and a parking system (停车系统) say to each other. docs/parking.md has it in words.
import * as z from "zod";
import { orderId, pileId, stationId } from "./ids.ts";
import { connectorNo, fenPlus, iso } from "./units.ts";

const bay = { pileId, connector: connectorNo };
/** POST …/bays/{pileId}/{connector}/events: told once each, known again by `id`. */
export const parkingEvent = z.strictObject({
  id: z.string().max(120),
  ...bay,
  stationId: stationId.optional(),
  orderId,
  at: iso,
  event: z.discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("charge-ended"),
      /** Staying is free until then, and costs after it. */
      graceUntil: iso,
      fenPerMinute: fenPlus,
      capFen: fenPlus,
    }),
    z.strictObject({ kind: z.literal("fee-started"), from: iso }),
    z.strictObject({ kind: z.literal("unplugged") }),
  ]),
});
export type ParkingEvent = z.infer<typeof parkingEvent>;

/** GET …/bays/{pileId}/{connector}: what its sensor or camera says. */
export const parkingBay = z.object({
  state: z.enum(["free", "taken", "unknown"]),
  since: iso.optional(),
});
export type ParkingBay = z.infer<typeof parkingBay>;

/** Call on port "parking", lane = pile and connector. */
export const parkingCall = z.discriminatedUnion("op", [
  z.strictObject({ op: z.literal("tell"), event: parkingEvent }),
  z.strictObject({ op: z.literal("ask"), ...bay }),
]);
export type ParkingCall = z.infer<typeof parkingCall>;
