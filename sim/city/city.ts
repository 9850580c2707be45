// The demo city while it runs: piles, drivers who come by the tables, cars left for guests.
import { join } from "node:path";
import { createDriver, Driver } from "../driver/mod.ts";
import { wordsOf } from "../fault.ts";
import type { Pile } from "../pile/mod.ts";
import type { Random } from "../random.ts";
import { CityBook, type Visit } from "./book.ts";
import { ensureCard, ensureCity, type OpsDoor } from "./ensure.ts";
import { Guests } from "./guests.ts";
import { drawCar, drawVisit, meanGapMs } from "./habits.ts";
import { type Roads, startCityPile } from "./piles.ts";
import type { CityPile, CityPlan } from "./plan.ts";
import { fillWallet, goOn, leave } from "./visit.ts";

export interface CityOptions {
  readonly plan: CityPlan;
  readonly roads: Roads;
  /** The city's own folder. */
  readonly dir: string;
  readonly ops: OpsDoor;
  readonly random: Random;
  readonly say: (words: string) => void;
}

const ZONE = "Asia/Shanghai";
/** Drivers who are there when the city wakes: 8 of 24 piles charge within a minute. */
const WARM_DRIVERS = 11;
const WARM_MS = 12_000;
/** After a visit that failed a driver stays away for this long. */
const SULK_MS = [5_000, 20_000] as const;

interface Person {
  readonly driver: Driver;
  readonly idTag: string;
  busy: boolean;
}
interface Bay {
  readonly plan: CityPile;
  readonly pile: Pile;
}

export class City {
  readonly #book: CityBook;
  readonly #bays = new Map<string, Bay>();
  readonly #people: Person[] = [];
  readonly #end = new AbortController();
  readonly #taken = new Set<string>();
  #guests: Guests | null = null;
  #arrival: ReturnType<typeof setTimeout> | null = null;

  constructor(private readonly options: CityOptions) {
    this.#book = new CityBook(join(options.dir, "city.json"));
  }

  async start(): Promise<void> {
    const { plan, ops, dir, roads, say, random } = this.options;
    const people = plan.drivers.map(({ phone, idTag }) => ({
      driver: createDriver({ baseUrl: roads.baseUrl, phone, device: "demo city" }),
      idTag,
      busy: false,
    }));
    const [looker] = people;
    if (looker === undefined) return;
    await looker.driver.signIn();
    await ensureCity({ plan, book: this.#book, ops, looker: looker.driver });
    for (const each of plan.piles) {
      if (this.#bays.has(each.id)) continue; // a start that broke off is begun again
      const pile = startCityPile(each, { book: this.#book, dir, roads, say });
      this.#bays.set(each.id, { plan: each, pile });
    }
    const guestPiles = [...this.#bays.values()].filter((bay) => bay.plan.forGuests)
      .map(({ pile }) => pile);
    this.#guests = new Guests(guestPiles, random);
    await Promise.all(people.map((person) => this.#arrive(person, person === looker)));
    const guest = createDriver({ baseUrl: roads.baseUrl, phone: plan.guestPhone });
    await guest.signIn().then(() => fillWallet(guest))
      .catch((error) => say(`no guest account: ${wordsOf(error)}`));
    this.#warmUp();
    this.#waitForArrival();
  }

  /** Everything is on disk and every socket is closed when this settles. */
  async stop(): Promise<void> {
    this.#end.abort();
    if (this.#arrival !== null) clearTimeout(this.#arrival);
    this.#guests?.stop();
    this.#book.save();
    await Promise.all([...this.#bays.values()].map(({ pile }) => pile.stop()));
  }

  charging(): number {
    return [...this.#bays.values()].filter(({ plan, pile }) =>
      plan.connectors.some(({ no }) => pile.status(no).status === "charging")
    ).length;
  }

  // ---- people

  async #arrive(person: Person, signedIn: boolean): Promise<void> {
    const { driver, idTag } = person;
    const { say, ops } = this.options;
    try {
      if (!signedIn) await driver.signIn();
      await ensureCard({ book: this.#book, ops }, { idTag, userId: driver.userId });
      this.#people.push(person);
      await this.#resume(person);
    } catch (error) {
      say(`${driver.phone} stays at home: ${wordsOf(error)}`);
    }
  }

  /** Goes on with what ran before the city was ended. */
  async #resume(person: Person): Promise<void> {
    const { phone } = person.driver;
    const kept = this.#book.memory.visits[phone];
    const { orders } = await person.driver.active();
    const [order] = orders;
    if (order !== undefined && this.#bays.has(order.pileId)) {
      const { pileId, connector, id } = order;
      const fresh = { ...drawVisit({ pileId, connector }, this.options.random, true) };
      const visit = kept?.orderId === id ? kept : { ...fresh, orderId: id };
      void this.#visit(person, visit);
      return;
    }
    if (kept !== undefined) {
      const bay = this.#bays.get(kept.pileId);
      if (bay) leave(bay.pile, kept.connector);
      this.#forget(phone);
    }
  }

  #forget(phone: string): void {
    delete this.#book.memory.visits[phone];
    this.#book.save();
  }

  /** Those who would be there anyway: spread over some seconds, with longer wishes. */
  #warmUp(): void {
    const { random } = this.options;
    const missing = Math.max(0, WARM_DRIVERS - this.#people.filter(({ busy }) => busy).length);
    for (let i = 0; i < missing; i++) {
      setTimeout(() => this.#someoneComes(true), random.between(0, WARM_MS));
    }
  }

  #waitForArrival(): void {
    if (this.#end.signal.aborted) return;
    const { random, plan } = this.options;
    const gapMs = random.waiting(meanGapMs(plan.piles.length, Date.now(), ZONE));
    this.#arrival = setTimeout(() => {
      this.#someoneComes(false);
      this.#waitForArrival();
    }, gapMs);
  }

  #someoneComes(running: boolean): void {
    if (this.#end.signal.aborted) return;
    const { random } = this.options;
    const idle = this.#people.filter(({ busy }) => !busy);
    const free = this.#freeConnectors();
    if (idle.length === 0 || free.length === 0) return; // drives on
    const spot = random.pick(free);
    const visit = drawVisit(spot, random, running);
    const bay = this.#bays.get(spot.pileId)!;
    const car = drawCar({ ...spot, ...bay, kind: kindOf(bay.plan) }, visit.wantWh, random);
    bay.pile.plug(car, spot.connector);
    void this.#visit(random.pick(idle), visit);
  }

  #freeConnectors(): { pileId: string; connector: number }[] {
    return [...this.#bays.values()].filter(({ plan }) => !plan.forGuests).flatMap((
      { plan, pile },
    ) =>
      plan.connectors
        .filter(({ no }) => pile.status(no).status === "idle" && pile.link().linked)
        .map(({ no }) => ({ pileId: plan.id, connector: no }))
        .filter((spot) => !this.#taken.has(nameOf(spot)))
    );
  }

  async #visit(person: Person, visit: Visit): Promise<void> {
    const { random, say } = this.options;
    const { phone } = person.driver;
    person.busy = true;
    this.#taken.add(nameOf(visit));
    let pauseMs = 0;
    try {
      const keep = (now: Visit) => {
        this.#book.memory.visits[phone] = now;
        this.#book.save();
      };
      keep(visit);
      const { pile } = this.#bays.get(visit.pileId)!;
      const { driver, idTag } = person;
      await goOn({ driver, idTag, pile, random, keep, signal: this.#end.signal, say }, visit);
    } catch (error) {
      if (this.#end.signal.aborted) return; // the book keeps the visit for the next start
      say(`${phone} at ${visit.pileId}: ${wordsOf(error)}`);
      pauseMs = random.between(...SULK_MS);
    }
    if (this.#end.signal.aborted) return;
    this.#forget(phone);
    this.#taken.delete(nameOf(visit));
    setTimeout(() => void (person.busy = false), pauseMs);
  }
}

const nameOf = ({ pileId, connector }: { pileId: string; connector: number }) =>
  `${pileId}/${connector}`;

const kindOf = ({ connectors }: CityPile): "ac" | "dc" =>
  connectors[0]?.plug === "gb-ac" ? "ac" : "dc";
