// People of drills that had a safeguard off: what is wrong with their books was made wrong on purpose, and
// the archive keeps it. While their run lasts it is reported like anybody's, afterwards it is left out.
import type { Db } from "mongodb";
import { ownerOf } from "./rows.ts";

const DRILLED = "drilled-people";
interface Row {
  _id: string;
  runId: string;
  /** From then on their run is over. */
  until: number;
}
/** Of what a run names only people have books. */
const isPerson = (id: string): boolean => id.startsWith("usr_");

export class DrilledPeople {
  constructor(private readonly db: Db, private readonly tenant: string) {}

  /** These belong to a run that lasts until then, or shorter. */
  async keep(runId: string, ids: readonly string[], until: number): Promise<void> {
    const writes = ids.filter(isPerson).map((id) => ({
      updateOne: {
        filter: { _id: ownerOf(this.tenant, id) },
        update: { $set: { runId, until } },
        upsert: true,
      },
    }));
    if (writes.length > 0) await this.#rows().bulkWrite(writes, { ordered: false });
  }

  async end(runId: string, at: number): Promise<void> {
    await this.#rows().updateMany({ runId, until: { $gt: at } }, { $set: { until: at } });
  }

  /** Those among the owners whose run is over. */
  async over(owners: ReadonlySet<string>, now: number): Promise<ReadonlySet<string>> {
    if (owners.size === 0) return owners;
    const rows = await this.#rows().find({ _id: { $in: [...owners] }, until: { $lte: now } })
      .toArray();
    return new Set(rows.map(({ _id }) => _id));
  }

  #rows() {
    return this.db.collection<Row>(DRILLED);
  }
}
