// Reservations as a list: rows from the read model, and those that can still change as their rooms tell.
import { type Rows, useList } from "@chargeward/web-kit/mod.ts";
import { computed, onScopeDispose, shallowReactive, watch } from "vue";
import type { ReservationRow } from "../../../wire/http-reserve.ts";
import { usePlatform } from "../platform.ts";

const REFRESH_MS = 5_000;
/** A connection watches a handful of rooms: those further down wait for the list. */
const ROOMS_MAX = 30;

const isOpen = ({ status, appeal, lockUntil }: ReservationRow): boolean =>
  status === "reserved" || lockUntil !== undefined || appeal?.status === "waiting";

export function useReservations(
  wanted: () => Record<string, string | undefined>,
): Rows<ReservationRow> & { shown: { readonly value: ReservationRow[] | null } } {
  const { calls, live } = usePlatform();
  const list = useList<ReservationRow>(
    (cursor) => calls.reservations({ size: 50, cursor, ...wanted() }),
    REFRESH_MS,
  );
  const told = shallowReactive(new Map<string, ReservationRow>());
  const rooms = new Map<string, () => void>();

  function leave(id: string) {
    rooms.get(id)?.();
    rooms.delete(id);
  }
  watch(list.rows, (rows) => {
    const open = (rows ?? []).filter(isOpen).slice(0, ROOMS_MAX).map(({ id }) => id);
    for (const id of rooms.keys()) if (!open.includes(id)) leave(id);
    for (const id of open.filter((one) => !rooms.has(one))) {
      const changed = ({ view }: { view: unknown }) => {
        if (view !== undefined) told.set(id, view as ReservationRow);
      };
      rooms.set(id, live().watch(`reservation:${id}`, { changed }));
    }
  });
  onScopeDispose(() => [...rooms.keys()].forEach(leave));
  watch(wanted, () => void list.load());

  const shown = computed(() =>
    list.rows.value?.map((row) => {
      const newer = told.get(row.id);
      return newer && newer.v > row.v ? newer : row;
    }) ?? null
  );
  return { ...list, shown };
}
