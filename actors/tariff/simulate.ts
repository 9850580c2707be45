// What a charge that is over would have cost under another tariff: its energy is cut anew at that
// tariff's hours, evenly inside each stored segment, and billed by the same function.
import type { Bill, Segment, Tariff } from "../../wire/tariff.ts";
import { billOf, type Charge } from "./bill.ts";
import { mergeSegments, splitReading } from "./segments.ts";

export function billUnder(charge: Charge, tariff: Tariff): Bill {
  let segments: Segment[] = [];
  for (const { fromAt, toAt, wh, source } of charge.segments) {
    const from = { at: fromAt, registerWh: 0 };
    segments = mergeSegments(
      segments,
      splitReading(tariff, from, { at: toAt, registerWh: wh }, source),
    );
  }
  return billOf({ ...charge, segments }, tariff);
}
