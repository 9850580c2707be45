// Test-only: flow B as one page says it. One connector, some drivers, minutes as the only time; what each
// act must be answered with, and what everybody's reservation and balance must be after it.
interface Promise_ {
  from: number;
  until: number;
  status: "reserved" | "fulfilled" | "cancelled" | "no-show";
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
  readonly barred = new Map<string, number>();

  #of = (who: string) => this.promises.get(who);
  #all = () => [...this.promises.entries()].filter(([, one]) => one.locks);
  #locker = () => this.#all().find(([, { from }]) => from - 5 <= this.now)?.[0];
  #unfit = () => this.broken ?? (this.charging === null ? null : "pile.occupied");
  #pay = (who: string, fen: number) => this.balance.set(who, this.balance.get(who)! + fen);
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
    this.#end(who, "cancelled", own.trouble || this.now < own.until - 10 ? 2_000 : 1_500);
    return null;
  }
  start(who: string, works: boolean): string | null {
    const own = this.#of(who);
    if (!own?.locks) return "reservation.over";
    if (own.from - 5 > this.now) return "reservation.too-early";
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
    for (const [, own] of this.#all()) {
      if (how !== "pile.offline" || own.from - 5 <= this.now) own.trouble = true;
    }
  }
  /** One minute. */
  tick(): void {
    this.now++;
    for (const [who, own] of this.#all()) {
      if (own.from - 5 === this.now && this.#unfit()) own.trouble = true;
      if (own.until !== this.now) continue;
      if (own.status === "fulfilled") own.locks = false;
      else if (own.trouble) this.#end(who, "cancelled", 2_000);
      else this.#miss(who);
    }
  }
  #miss(who: string): void {
    this.#end(who, "no-show", 0);
    const lately = [...this.misses.get(who) ?? [], this.now].filter((at) =>
      at > this.now - 30 * DAY
    );
    this.misses.set(who, lately);
    if (lately.length >= 3) this.barred.set(who, this.now + 7 * DAY);
  }
}
