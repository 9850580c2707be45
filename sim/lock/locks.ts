// Locks on their maker's platform: each where it stands, what its sensor sees, what it was ordered, and how
// it may fail, once for each entry. Its own book tells what really reached it.
export const LOCK_MISCHIEF = [
  "hang", // the order does not arrive, no answer
  "act-then-hang", // done, no answer
  "error", // 500, not done
  "error-after-success", // 500, done
  "unsigned", // answered with a signature of nobody
  "other-id", // answers to another order
  "refuse", // says no
  "stuck", // says yes, stays where it is
  "half-way", // says yes, moves, arrives nowhere
  "late", // the report comes late, of what was before
  "double", // the report comes twice
  "lost", // the report never comes
  "forged", // somebody else reports it broken
] as const;
export type LockMischief = (typeof LOCK_MISCHIEF)[number];
const OF_REPORTS = new Set<LockMischief>(["late", "double", "lost", "forged"]);

export interface LockDid {
  at: number;
  did: "order" | "known" | "ask" | "moved" | "report";
  id?: string;
  to?: string;
  /** What it came to, or what was done wrong. */
  said?: string;
}
type State = "up" | "down" | "moving" | "fault";
export interface SimLock {
  ref: string;
  state: State;
  bay: "empty" | "taken";
  code?: string;
  /** As the platform named itself with its last order or question. */
  owner: string | null;
  callback: string | null;
  /** Orders by id, and what was answered. */
  known: Map<string, { outcome: "accepted" | "refused"; code?: string }>;
  next: LockMischief[];
  book: LockDid[];
}

const BOOK_MAX = 200;
const KNOWN_MAX = 256;

export class SimLocks {
  readonly #locks = new Map<string, SimLock>();

  /** Any name is a lock: up, over an empty bay. */
  of(ref: string): SimLock {
    const known = this.#locks.get(ref);
    if (known) return known;
    const made: SimLock = {
      ref,
      state: "up",
      bay: "empty",
      owner: null,
      callback: null,
      known: new Map(),
      next: [],
      book: [],
    };
    this.#locks.set(ref, made);
    return made;
  }
  note(lock: SimLock, did: Omit<LockDid, "at">): void {
    lock.book.push({ at: Date.now(), ...did });
    if (lock.book.length > BOOK_MAX) lock.book.shift();
  }
  remember(lock: SimLock, id: string, said: { outcome: "accepted" | "refused"; code?: string }) {
    lock.known.set(id, said);
    const [oldest] = lock.known.keys();
    if (lock.known.size > KNOWN_MAX && oldest !== undefined) lock.known.delete(oldest);
  }
  /** What goes wrong with an order, or with the report of its end. */
  take(lock: SimLock, of: "order" | "report"): LockMischief | null {
    const index = lock.next.findIndex((kind) => OF_REPORTS.has(kind) === (of === "report"));
    return index < 0 ? null : lock.next.splice(index, 1)[0]!;
  }
}
