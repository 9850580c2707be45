// Pages of lists that are whole in memory: the cursor is the id after which the next page starts.
const SIZE = 50; // a screen or two of rows

export function pageOf<T extends { id: string }>(
  rows: readonly T[],
  { cursor, size = SIZE }: { cursor?: string | undefined; size?: number | undefined },
): { items: T[]; next: string | null } {
  const start = cursor === undefined ? 0 : rows.findIndex(({ id }) => id === cursor) + 1;
  const items = rows.slice(start, start + size);
  const last = items.at(-1);
  return { items, next: last && start + size < rows.length ? last.id : null };
}
