// Where drills play: a running platform seen from outside. Piles, drivers and the console are those of
// sim/ over public doors; whatever a run makes belongs to it, and its changes of mode to nobody else.
import {
  cityTariff,
  newKey,
  Ops,
  type OpsAccount,
  type Pile,
  type PileMade,
  type PileOptions,
  startNativePile,
  startOcppPile,
} from "../../sim/mod.ts";
import type { DrillModeBody } from "../../wire/drill.ts";
import type { Behaviour } from "../../wire/http-ops.ts";
import { TAKEN_DOWN } from "../../wire/pile.ts";
import type { Safeguard } from "../../wire/safeguards.ts";
import type { Tariff } from "../../wire/tariff.ts";
import { Console } from "./console.ts";
import { type Person, person } from "./person.ts";
import { type Phone, phoneOf } from "./phone.ts";
import { until } from "./see.ts";

export interface Platform {
  readonly url: string;
  /** Native piles reach it there. */
  readonly natsUrl: string;
  readonly account: OpsAccount;
  /** Of customer service. */
  readonly service: OpsAccount;
  readonly finance: OpsAccount;
  /** The push service of the drivers' browsers. */
  readonly pushUrl: string;
  /** A second node, where one is there; else the same. */
  readonly otherUrl?: string;
}
type Mischief = Required<Pick<Behaviour, "next" | "only">>;
export type Mode = Pick<DrillModeBody, "runId" | "without" | "settings">;

type Lane = "native" | "ocpp1.6";
export interface PileWish extends Partial<PileOptions> {
  /** Another than the drills' own. */
  readonly stationId?: string;
  readonly lane?: Lane;
  readonly unplugged?: boolean;
  /** Of the car that is plugged in. */
  readonly socPct?: number;
  readonly ratedPowerW?: number;
}

/** One price all day, as clocks and days are no matter here: 1.00 and 0.40 yuan a kWh. */
export const DAY: Tariff = {
  ...cityTariff("drill"),
  periods: [{
    fromMinute: 0,
    toMinute: 1440,
    kind: "flat",
    energyMilliFenPerKwh: 100_000,
    serviceMilliFenPerKwh: 40_000,
  }],
};
const STATION = { zh: "演练站", en: "Drill site" };
const MODE_MS = 300_000;
/** Over all stages of this process: names and phone numbers of theirs never meet. */
let made = 0;
/** By platform and name, signed in once: a one-time code is good once. */
const colleagues = new Map<string, Promise<Ops>>();

export class Stage {
  readonly console: Console;
  #ids = new Set<string>();
  #mode: Mode | null = null;
  #piles: Pile[] = [];
  #registered: string[] = [];
  #people: Person[] = [];
  #told = Promise.resolve();

  private constructor(
    readonly platform: Platform,
    readonly ops: Ops,
    readonly stationId: string,
    console?: Console,
  ) {
    this.console = console ?? new Console(platform.url, ops);
  }

  static async open(platform: Platform): Promise<Stage> {
    const ops = await Ops.signIn(platform.url, platform.account);
    const stage = new Stage(platform, ops, await stationOf(ops));
    await stage.console.listen();
    return stage;
  }
  /** For a run at the same time: people and piles of its own, the same console and station. */
  beside(): Stage {
    return new Stage(this.platform, this.ops, this.stationId, this.console);
  }

  get url(): string {
    return this.platform.url;
  }
  /** Others than the one who plays: each with the rights of that role alone. */
  colleague(role: "service" | "finance"): Promise<Ops> {
    const { url, [role]: account } = this.platform;
    const name = `${url} ${role}`;
    const known = colleagues.get(name) ?? Ops.signIn(url, account);
    colleagues.set(name, known);
    return known;
  }
  /** Of the run, for the clients' own code, which asks nobody. */
  get without(): ReadonlySet<Safeguard> {
    return new Set(this.#mode?.without);
  }
  get people(): readonly Person[] {
    return this.#people;
  }

  // ---- what the run changes

  async begin(mode: Mode): Promise<void> {
    this.#mode = mode;
    await this.#tell();
  }
  /** One after the other: an older list never comes last. */
  #tell(): Promise<void> {
    const tell = async () => {
      if (!this.#mode) return;
      const body = { ...this.#mode, ids: [...this.#ids], forMs: MODE_MS };
      await this.ops.api.ask("PUT", "/v1/ops/drills/mode", { body, tries: 10 });
    };
    this.#told = this.#told.catch(() => {}).then(tell);
    return this.#told;
  }
  /** Lets everything go: piles, phones, the mode. */
  async end(): Promise<void> {
    for (const one of this.#people.splice(0)) one.close();
    await Promise.all(this.#piles.splice(0).map((pile) => pile.stop()));
    await Promise.all(this.#registered.splice(0).map((id) => this.#takeDown(id)));
    if (this.#mode) {
      const body = { ...this.#mode, ids: [], forMs: 0 };
      await this.ops.api.ask("PUT", "/v1/ops/drills/mode", { body });
    }
    this.#mode = null;
    this.#ids.clear();
  }
  /** Its record stays for the proof; the wall and the drivers' lists leave it out. */
  async #takeDown(id: string): Promise<void> {
    const body = { kind: "disable", reason: TAKEN_DOWN, confirm: true };
    await this.ops.api.post(`/v1/ops/piles/${id}/commands`, body);
  }
  close(): void {
    this.console.close();
  }

  /** What is known by that id belongs to the run from now on: a payment, a day's reconciliation. */
  async own(id: string): Promise<void> {
    this.#ids.add(id);
    await this.#tell();
  }

  // ---- who plays

  /** A station of the run's own, where its prices may be changed; made anew each time. */
  async station(tariff: Tariff = DAY): Promise<string> {
    const { id } = await openSite(this.ops, tariff);
    await this.own(id);
    return id;
  }

  /** A pile of the drill's station that has never been switched on. */
  async register(
    lane: Lane = "native",
    ratedPowerW = 60_000,
    stationId = this.stationId,
  ): Promise<PileMade> {
    const id = `DRILL-${Date.now().toString(36).toUpperCase()}-${++made}`;
    await this.own(id);
    this.#registered.push(id);
    return await this.ops.registerPile({
      id,
      stationId,
      lane,
      ratedPowerW,
      connectors: [{ no: 1, plug: "gb-dc", ratedPowerW, reservable: true }],
    });
  }

  /** A pile of the drill's station, connected and free; a car is plugged in unless told otherwise. */
  async pile(wish: PileWish = {}): Promise<Pile> {
    const { lane = "native", unplugged = false, ratedPowerW = 60_000, ...rest } = wish;
    const { stationId, socPct, ...more } = rest;
    const made = await this.register(lane, ratedPowerW, stationId);
    const { id } = made;
    const options = { startMs: 600, stopMs: 300, bootMs: 500, ...more, id, secret: made.secret };
    const ocpp = `${this.url.replace(/^http/, "ws")}/ocpp`;
    const pile = lane === "native"
      ? startNativePile({ ...options, url: this.platform.natsUrl, platformKey: made.platformKey })
      : startOcppPile({ ...options, url: ocpp, sampleSeconds: 1 });
    this.#piles.push(pile);
    await pile.linked();
    pile.plug(socPct === undefined ? undefined : pile.carFor(1, socPct));
    if (unplugged) pile.unplug(); // known to be so
    await until(`pile ${id} is online`, async () => {
      const { connectors, presence } = await this.#shown(id);
      return presence === "online" && connectors[0]?.plugged === !unplugged;
    });
    return pile;
  }
  #shown(id: string): Promise<{ presence: string; connectors: { plugged: boolean | null }[] }> {
    return this.ops.api.get(`/v1/piles/${id}`);
  }

  /** A signed-in driver with that much money, whose app listens. */
  async person(fen = 50_000): Promise<Person> {
    const phone = `137${String((Date.now() + ++made * 7) % 100_000_000).padStart(8, "0")}`;
    const one = await person(this.url, phone, fen);
    this.#people.push(one);
    await this.own(one.id);
    return one;
  }

  /** The person's browser takes pushes from now on. */
  phone(of: Person): Promise<Phone> {
    return phoneOf(of.driver, this.platform.pushUrl);
  }

  /** A charge that runs: pile, driver, order in 充电中 with energy on its meter. */
  async charge(wish: PileWish & { fen?: number; autoCapture?: boolean; wh?: number } = {}) {
    const { fen = 50_000, autoCapture = true, wh = 20, ...pileWish } = wish;
    const [pile, driver] = [await this.pile(pileWish), await this.person(fen)];
    const order = await driver.start({ pileId: pile.id, autoCapture });
    await driver.until(order.id, "charging");
    const startWh = pile.register();
    await until(`${wh} Wh on the meter`, () => pile.register() >= startWh + wh);
    return { pile, driver, orderId: order.id, startWh };
  }

  /** The sandbox provider does these wrong, each once, to these payments or to one of that amount. */
  async provoke(only: Mischief["only"], ...next: Mischief["next"]): Promise<void> {
    const path = "/sandbox/provider/behaviour";
    await this.ops.api.ask("PUT", path, { body: { next, only }, headers: {} });
  }

  // ---- the books

  /** Nobody's money is on hold, and each one's lines sum to zero; the sum of what was looked at. */
  async settled(people: readonly Person[] = this.#people): Promise<string> {
    let lines = 0;
    for (const { id, driver } of people) {
      await until("no hold stands", async () => (await driver.wallet()).heldFen === 0);
      const events = await this.console.records("wallet", id);
      const postings = events.flatMap(({ event }) => (event.postings ?? []) as { fen: number }[]);
      const sum = postings.reduce((total, { fen }) => total + fen, 0);
      if (sum !== 0) throw new RangeError(`the book of ${id} sums to ${sum}`);
      lines += postings.length;
    }
    return `holds closed, ${lines} ledger lines sum to 0`;
  }
  /** Sum of one account's lines in a driver's book. */
  async account({ id }: Person, name: string): Promise<number> {
    const events = await this.console.records("wallet", id);
    return events.flatMap(({ event }) =>
      (event.postings ?? []) as { account: string; fen: number }[]
    )
      .filter(({ account }) => account === name)
      .reduce((sum, { fen }) => sum + fen, 0);
  }
}

/** The drills' own station: made once, found again. */
async function stationOf(ops: Ops): Promise<string> {
  type Wall = { stations: { id: string; name: { zh: string } }[] };
  const { stations } = await ops.api.get<Wall>("/v1/ops/wall");
  const known = stations.find(({ name }) => name.zh === STATION.zh);
  if (known) return known.id;
  const made = await openSite(ops, DAY);
  return made.id;
}

const openSite = (ops: Ops, tariff: Tariff) =>
  ops.openStation({
    name: STATION,
    address: { zh: "演练路 1 号", en: "1 Drill Road" },
    lat: 31.2,
    lon: 121.4,
    zone: "Asia/Shanghai",
    phone: "021-55500199",
    tariff,
  }, newKey());
