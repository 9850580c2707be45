// The newest facts of each actor, for those who come back with a version: bounded per actor and in all.
import type { Address, JournalRecord } from "../../wire/envelope.ts";
import { isoOf } from "../../wire/units.ts";
import type { TicketView } from "../../wire/ticket.ts";
import type { PileView } from "../../wire/pile.ts";
import { publicPileOf, type StateView } from "../views/mod.ts";

/** A fact before it has a room: `view` for ops, `open` for everybody else. */
export interface Happened {
  v: number;
  at: string;
  type: string;
  sv: number;
  events: string[];
  view: unknown;
  open: unknown;
}
const KINDS: ReadonlySet<string> = new Set([
  "drill",
  "order",
  "pile",
  "reservation",
  "station",
  "ticket",
  "user",
]);
/** A record that only remembers answers still raises v: it is told, so that nobody sees a gap. */
const NOTHING = "Nothing";

export const keyOf = ({ tenant, kind, id }: Address): string => `${tenant}/${kind}/${id}`;

export function openView(kind: string, view: unknown): unknown {
  if (!view) return view;
  if (kind === "pile") return publicPileOf(view as PileView);
  if (kind !== "ticket") return view;
  const { takenBy: _opsUser, ...open } = view as TicketView;
  return open;
}

export class History {
  #rings = new Map<string, Happened[]>();
  #count = 0;
  constructor(
    private readonly viewOf: StateView,
    private readonly limits: { history: number; historyAll: number },
  ) {}

  /** Null: no room shows it, or it was told before. */
  take(address: Address, { v, at, events, state, sv }: JournalRecord): Happened | null {
    if (!KINDS.has(address.kind)) return null;
    const key = keyOf(address);
    const ring = this.#rings.get(key) ?? [];
    const newest = ring.at(-1);
    if (newest && v <= newest.v) return null;
    const view = this.viewOf(address.kind, state, v, address.id);
    const last = events.at(-1);
    const happened: Happened = {
      v,
      at: isoOf(at),
      type: last?.type ?? NOTHING,
      sv: last?.sv ?? sv,
      events: events.map(({ type }) => type),
      view,
      open: openView(address.kind, view),
    };
    // A ring has no holes: after a gap it starts anew.
    if (newest && v !== newest.v + 1) this.#drop(key);
    this.#put(key, happened);
    return happened;
  }
  #put(key: string, happened: Happened): void {
    const ring = this.#rings.get(key) ?? [];
    this.#rings.delete(key); // to the end: the actor that spoke last is forgotten last
    this.#rings.set(key, ring);
    ring.push(happened);
    this.#count += 1;
    if (ring.length > this.limits.history) {
      ring.shift();
      this.#count -= 1;
    }
    for (const oldest of this.#rings.keys()) {
      if (this.#count <= this.limits.historyAll || oldest === key) break;
      this.#drop(oldest);
    }
  }
  #drop(key: string): void {
    this.#count -= this.#rings.get(key)?.length ?? 0;
    this.#rings.delete(key);
  }

  /** Newest version known here; null: nothing heard yet. */
  head(address: Address): number | null {
    return this.#rings.get(keyOf(address))?.at(-1)?.v ?? null;
  }
  /** All after `v` up to `upTo`, or null where some of them are not here any more. */
  since(address: Address, v: number, upTo: number): Happened[] | null {
    if (v === upTo) return [];
    if (v > upTo) return null;
    const missed = (this.#rings.get(keyOf(address)) ?? []).filter((one) => one.v > v);
    return missed[0]?.v === v + 1 && missed.at(-1)!.v >= upTo ? missed : null;
  }
}
