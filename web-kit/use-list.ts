// A list page by page: it comes again by itself from the top, until somebody has asked for more of it.
import { useIntervalFn } from "@vueuse/core";
import { type ShallowRef, shallowRef } from "vue";
import type { Answer, Refused } from "./api.ts";

interface Listed<T> {
  items: T[];
  next: string | null;
  asOf: string;
}
export interface Rows<T> {
  /** Null: not there yet. */
  rows: ShallowRef<T[] | null>;
  next: ShallowRef<string | null>;
  asOf: ShallowRef<string | null>;
  refused: ShallowRef<Refused | null>;
  /** From the top, or on from a cursor. */
  load(cursor?: string): Promise<void>;
}

/** `refreshMs` null: it comes once, and when it is asked for. */
export function useList<T>(
  ask: (cursor?: string) => Promise<Answer<Listed<T>>>,
  refreshMs: number | null,
): Rows<T> {
  const rows: Rows<T>["rows"] = shallowRef(null);
  const next: Rows<T>["next"] = shallowRef(null);
  const asOf: Rows<T>["asOf"] = shallowRef(null);
  const refused: Rows<T>["refused"] = shallowRef(null);
  let isExtended = false;

  async function load(cursor?: string) {
    const answer = await ask(cursor);
    refused.value = answer.ok ? null : answer.refused;
    if (!answer.ok) return;
    isExtended = cursor !== undefined;
    rows.value = [...(isExtended ? rows.value ?? [] : []), ...answer.body.items];
    next.value = answer.body.next;
    asOf.value = answer.body.asOf;
  }
  void load();
  if (refreshMs !== null) useIntervalFn(() => void (isExtended || load()), refreshMs);
  return { rows, next, asOf, refused, load };
}
