// Test-only: flow B as one page says it. One connector, some drivers, minutes as the only time; what each
// act must be answered with, and what everybody's reservation and balance must be after it.
interface Promise_ {
  from: number;
  until: number;
  status: "reserved" | "fulfilled" | "cancelled" | "no-show" | "appealed";
  trouble: boolean;
  /** It still locks: reserved, or given back after a failed start. */
  locks: boolean;
}
const DAY = 24 * 60;
export class Model {
  now = 0;
  broken: "pile.disabled" | "pile.offline" | "pile.faulted" | null = null;
  charging: string | null = null;
  readonly promises = new Map<string, Promise_>();
  readonly balance = new Map<string, number>();
  readonly misses = new Map<string, number[]>();
  readonly appeals = new Map<string, number[]>();
  readonly barred = new Map<string, number>();
  /** Appeals that a person looks at, oldest first. */
  readonly waiting: { who: string; feeFen: number }[] = [];

  #of = (who: string) => this.promises.get(who);
  #all = () => [...this.promises.entries()].filter(([, one]) => one.locks);
  #locker = () => this.#all().find(([, { from }]) => from - 5 <= this.now)?.[0];
  #unfit = () => this.broken ?? (this.charging === null ? null : "pile.occupied");
  #pay = (who: string, fen: number) => this.balance.set(who, this.balance.get(who)! + fen);
  #feeFen = ({ trouble, until }: Promise_) => trouble || this.now < until - 10 ? 0 : 500;
  #end(who: string, status: Promise_["status"], backFen: number): void {
    Object.assign(this.#of(who)!, { status, locks: false });
    this.#pay(who, backFen);
  }
  reserve(who: string, inMin: number, minutes: number): string | null {
    const [from, until] = [this.now + inMin, this.now + inMin + minutes];
    if ((this.barred.get(who) ?? 0) > this.now) return "reservation.suspended";
    if (this.#of(who)?.locks) return "reservation.other-open";
    if (this.broken) return this.broken;
    if (this.charging !== null) return "slot.taken";
    if (this.#all().some(([, o]) => from < o.until + 5 && o.from < until + 5)) return "slot.taken";
    if (this.balance.get(who)! < 2_000) return "wallet.balance-too-low";
    this.#pay(who, -2_000);
    this.promises.set(who, { from, until, status: "reserved", trouble: false, locks: true });
    return null;
  }
  cancel(who: string): string | null {
    const own = this.#of(who);
    if (own?.status !== "reserved") return "reservation.over";
    this.#end(who, "cancelled", 2_000 - this.#feeFen(own));
    return null;
  }
  appeal(who: string): string | null {
    const own = this.#of(who);
    if (own?.status !== "reserved") return "reservation.over";
    const waits = this.#lately(this.appeals, who) > 2;
    if (waits) this.waiting.push({ who, feeFen: this.#feeFen(own) });
    this.#end(who, "appealed", waits ? 0 : 2_000);
    return null;
  }
  decide(grant: boolean): void {
    const { who, feeFen } = this.waiting.shift()!;
    this.#pay(who, grant ? 2_000 : 2_000 - feeFen);
  }
  start(who: string, works: boolean, there: boolean): string | null {
    const own = this.#of(who);
    if (!own?.locks) return "reservation.over";
    if (own.from - 5 > this.now) return "reservation.too-early";
    if (!there) return "reservation.other-pile";
    if (this.charging === who) return "user.order-open";
    const unfit = this.#unfit();
    if (unfit) return own.trouble = true, unfit;
    if (own.status === "reserved") this.#pay(who, 2_000);
    const next = Math.min(...this.#all().map(([, o]) => o.from - 5).filter((at) => at > own.from));
    const until = own.status === "reserved" ? Math.min(own.until + 15, next) : own.until;
    if (works) this.#charges(who);
    Object.assign(own, { status: "fulfilled", until, locks: !works && until > this.now });
    return null;
  }
  walkIn(who: string): string | null {
    const unfit = this.#unfit() ?? (this.#locker() ? "pile.reserved" : null);
    if (!unfit) this.#charges(who);
    return unfit;
  }
  /** At a pile that nobody reserves, where every start fails. */
  elsewhere(who: string): string | null {
    const own = this.#of(who);
    const bound = own?.status === "reserved" && !own.trouble && own.from - 5 <= this.now;
    return bound ? "reservation.other-pile" : null;
  }
  /** 20 yuan are held while it charges; nothing flows, so all of it comes back. */
  #charges(who: string): void {
    this.charging = who;
    this.#pay(who, -2_000);
  }
  ends(): void {
    this.#pay(this.charging!, 2_000);
    this.charging = null;
  }
  breaks(how: NonNullable<Model["broken"]>): void {
    this.broken = how;
    if (how !== "pile.offline") { for (const [, own] of this.#all()) own.trouble = true; }
  }
  /** One minute. A link that is away through half of it is missed by whoever is promised the pile. */
  tick(): void {
    const missed = this.broken === "pile.offline";
    for (const [, own] of this.#all()) if (missed && own.from - 5 <= this.now) own.trouble = true;
    this.now++;
    for (const [who, own] of this.#all()) {
      if (own.from - 5 === this.now && this.#unfit()) own.trouble = true;
      if (own.until !== this.now) continue;
      if (own.status === "fulfilled") own.locks = false;
      else if (own.trouble) this.#end(who, "cancelled", 2_000);
      else if (this.#end(who, "no-show", 0), this.#lately(this.misses, who) >= 3) {
        this.barred.set(who, this.now + 7 * DAY);
      }
    }
  }
  /** Once more, and how often within a month. */
  #lately(times: Map<string, number[]>, who: string): number {
    const lately = [...times.get(who) ?? [], this.now].filter((at) => at > this.now - 30 * DAY);
    times.set(who, lately);
    return lately.length;
  }
}
