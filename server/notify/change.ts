// One list of a bucket, changed by several processes at once: nobody's change is lost.
import type { Bucket } from "../ports.ts";

/** Two processes that change one list at once: each loses at most as often as others win. */
const RACE_TRIES = 100;
/** The list was changed by somebody else again and again. */
class ListBusy extends Error {
  override readonly name = "ListBusy";
}

/** Applies the change to the newest list; null: there is nothing to change. */
export async function change<T>(
  bucket: Bucket<T[]>,
  name: string,
  apply: (all: T[]) => T[] | null,
): Promise<void> {
  for (let race = 0; race < RACE_TRIES; race++) {
    const found = await bucket.get(name);
    const next = apply(found?.value ?? []);
    if (next === null) return;
    const stored = found
      ? await bucket.update(name, next, found.revision)
      : await bucket.create(name, next);
    if (stored !== null) return;
  }
  throw new ListBusy(`list not changed: '${name}'`);
}
