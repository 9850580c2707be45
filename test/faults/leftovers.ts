// What stands while the program runs, so that nothing stays behind it when it is interrupted.

const open = new Set<() => Promise<void>>();

/** Known until it is disposed; `dispose` runs at most once. */
export function remembered(dispose: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | null = null;
  const once = () => {
    open.delete(once);
    return done ??= dispose();
  };
  open.add(once);
  return once;
}

/** The newest first. */
export async function disposeAll(): Promise<void> {
  for (const dispose of [...open].reverse()) await dispose().catch(() => {});
}
