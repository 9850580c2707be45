// Charges of the past with their meter segments: which, by the list of orders; how they were metered
// and billed, by the record of their end in the archive.
import type { Db } from "mongodb";
import type { PastCharge } from "./queries.ts";
import { ORDERS } from "./rows-of.ts";

const QUERY_MS = 3_000;
const ENDED = "ChargeEnded";

interface ArchivedEnd {
  id: string;
  at: number;
  events: ({ type: string } & Omit<PastCharge, "orderId" | "endedAt">)[];
}

export async function pastCharges(
  db: Db,
  archive: string,
  { tenant, stationId, count }: { tenant: string; stationId: string; count: number },
): Promise<PastCharge[]> {
  const billed = { tenant, stationId, "view.bill": { $exists: true } };
  const rows = await db.collection(ORDERS).find(billed, { projection: { key: 1 } })
    .sort({ createdAt: -1, key: -1 }).limit(count).maxTimeMS(QUERY_MS).toArray();
  const ids = rows.map((row) => row["key"] as string);
  const wanted = { tenant, kind: "order", id: { $in: ids }, "events.type": ENDED };
  const ends = await db.collection<ArchivedEnd>(archive)
    .find(wanted, { projection: { id: 1, at: 1, events: 1 } }).maxTimeMS(QUERY_MS).toArray();
  return ends.flatMap(({ id: orderId, at: endedAt, events }) =>
    events.filter(({ type }) => type === ENDED).map((end) => {
      const { segments, startRegisterWh, registerWh, bill } = end;
      return { orderId, endedAt, segments, startRegisterWh, registerWh, bill };
    })
  );
}
