// A whole span of payments out of bounded pages, so that a busy day leaves nothing out.
import type { Dated } from "./unusual.ts";

/** `page`: from that moment on, oldest first. The last moment of one page is the first of the next. */
export async function allOf(
  page: (fromAt: number) => Promise<Dated[]>,
  fromAt: number,
): Promise<Dated[]> {
  const all = new Map<string, Dated>();
  for (let from = fromAt;;) {
    const before = all.size;
    const found = await page(from);
    for (const one of found) all.set(one.view.paymentId, one);
    const last = found.at(-1);
    if (!last) return [...all.values()];
    from = all.size === before ? last.at + 1 : last.at;
  }
}
