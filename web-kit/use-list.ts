// A list of the console page by page: the first page comes again by itself, until it has been extended.
import type { Refused } from "@chargeward/web-kit/mod.ts";
import type { Answer } from "@chargeward/web-kit/api.ts";
import { useIntervalFn } from "@vueuse/core";
import { type ShallowRef, shallowRef } from "vue";
import type { List } from "../../../wire/http.ts";

const SIZE = 50;

export interface Rows<T> {
  /** Null: not there yet. */
  rows: ShallowRef<T[] | null>;
  next: ShallowRef<string | null>;
  asOf: ShallowRef<string | null>;
  refused: ShallowRef<Refused | null>;
  /** From the top, or on from a cursor. */
  load(cursor?: string): Promise<void>;
}

export function useList<T>(
  ask: (page: { size: number; cursor: string | undefined }) => Promise<Answer<List<T>>>,
  refreshMs: number | null,
): Rows<T> {
  const rows: Rows<T>["rows"] = shallowRef(null);
  const next: Rows<T>["next"] = shallowRef(null);
  const asOf: Rows<T>["asOf"] = shallowRef(null);
  const refused: Rows<T>["refused"] = shallowRef(null);

  async function load(cursor?: string) {
    const answer = await ask({ size: SIZE, cursor });
    refused.value = answer.ok ? null : answer.refused;
    if (!answer.ok) return;
    rows.value = [...(cursor === undefined ? [] : rows.value ?? []), ...answer.body.items];
    next.value = answer.body.next;
    asOf.value = answer.body.asOf;
  }
  void load();
  if (refreshMs !== null) {
    useIntervalFn(() => void ((rows.value?.length ?? 0) <= SIZE && load()), refreshMs);
  }
  return { rows, next, asOf, refused, load };
}
