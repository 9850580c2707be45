// What the driver has reserved, as the page of a pile needs it: here, or elsewhere right now; and which way
// a start goes.
import { useWallClock } from "@chargeward/web-kit/mod.ts";
import type { DriverCalls, StartBody } from "@chargeward/web-kit/driver-calls.ts";
import type { Answer, Tap } from "@chargeward/web-kit/mod.ts";
import { computed } from "vue";
import type { Order } from "../../../wire/http.ts";
import { usePlatform } from "../platform.ts";

export function usePromises(pileId: () => string, connector: () => number) {
  const { active } = usePlatform();
  const clock = useWallClock();
  void active.load();
  const own = computed(() => active.reservations.value.find((one) => one.pileId === pileId()));
  /** Locked for them now, at another pile. */
  const elsewhere = computed(() =>
    active.reservations.value.find((one) =>
      one.pileId !== pileId() && Date.parse(one.lockFrom) <= clock.value
    )
  );
  /** Under which a start at the chosen connector goes; null: an ordinary one. */
  const ownId = computed(() => {
    const mine = own.value;
    if (mine === undefined || mine.connector !== connector()) return null;
    return Date.parse(mine.lockFrom) <= clock.value ? mine.id : null;
  });
  return { own, elsewhere, ownId };
}

type Chosen = Omit<StartBody, "ageMs"> & { promise: string | null };

export async function startBy(
  calls: Pick<DriverCalls, "start" | "startReserved">,
  { promise, ...chosen }: Chosen,
  tap: Tap,
): Promise<Answer<Order>> {
  const body = { ...chosen, ageMs: tap.ageMs() };
  if (promise === null) return await calls.start(body, tap);
  const answer = await calls.startReserved(promise, body, tap);
  return answer.ok ? { ...answer, body: answer.body.order } : answer;
}
