// Ticks of a charge: each goes on as a signal (newest wins), one in ten seconds is stored for the curve.
import type { TickSignal } from "../../wire/tick.ts";
import type { NativeLink } from "./link.ts";
import type { FactDesk } from "./take-fact.ts";

export function handTick(desk: FactDesk, link: NativeLink, tick: TickSignal): void {
  const { tenant, pileId } = link;
  desk.client.signal({ tenant, kind: "pile", id: pileId }, { ...tick });
  const now = desk.clock.tick();
  const last = link.storedAt.get(tick.connector);
  if (last !== undefined && now - last < desk.settings.storeMs) return;
  link.storedAt.set(tick.connector, now);
  const { n: _, ...numbers } = tick;
  desk.tele.append([{ tenant, pileId, ...numbers, at: desk.clock.now() }]).catch((cause) => {
    link.storedAt.delete(tick.connector); // the next one is tried again
    desk.metrics.count("native_ticks_unstored");
    if (!desk.speak(`tele/${tenant}/${pileId}`)) return;
    desk.log.warn({ tenant, pileId, cause: String(cause) }, "tick could not be stored");
  });
}
