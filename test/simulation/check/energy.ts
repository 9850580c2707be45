// E and O at the piles: each Wh has one owner, registers never fall unexplained, each end settles one
// order once, no order charges at two guns, and no start is repeated in doubt without a question.
import { energyOf } from "../../../actors/tariff/mod.ts";
import type { PileEvent } from "../../../actors/pile/mod.ts";
import type { Connector, Registered, Session } from "../../../actors/pile/state.ts";
import type { Bill } from "../../../wire/tariff.ts";
import { bare, type Checker, type Seen, type Verdicts } from "./kit.ts";

type Of<T extends PileEvent["type"]> = Extract<PileEvent, { type: T }>;
interface Gun {
  firstWh: number | null;
  jumpsWh: number;
  /** Energy of ended sessions that went to orders. */
  ordersWh: number;
  /** Order that is being started. */
  orderId: string | null;
  /** A start's outcome is unknown and nobody has asked since it was sent. */
  unsure: boolean;
  asked: boolean;
}

export class Energy {
  readonly #guns = new Map<string, Gun>();
  readonly #ended = new Set<string>();
  /** Energy that each order was told of at its end. */
  readonly #endedWh = new Map<string, number>();
  readonly #cards = new Map<string, number>();

  constructor(
    readonly verdicts: Verdicts,
    readonly registerWh: (pileId: string, no: number) => number,
  ) {}

  readonly check: Checker = (seen) => {
    if (seen.kind === "order") this.#order(seen);
    if (seen.kind !== "pile") return;
    for (const stored of seen.record.events) this.#event(seen.id, bare(stored) as PileEvent);
    const state = seen.record.state as Registered;
    if (state.status === "registered") this.#sums(seen.id, state);
  };

  #gun(pileId: string, no: number): Gun {
    const key = `${pileId}/${no}`;
    let gun = this.#guns.get(key);
    if (!gun) {
      gun = { firstWh: null, jumpsWh: 0, ordersWh: 0, orderId: null, unsure: false, asked: false };
      this.#guns.set(key, gun);
    }
    return gun;
  }

  #event(pileId: string, event: PileEvent): void {
    const take = this.#on[event.type] as ((pileId: string, event: PileEvent) => void) | undefined;
    take?.(pileId, event);
  }

  readonly #on: { [T in PileEvent["type"]]?: (pileId: string, event: Of<T>) => void } = {
    MeterNoted: (pileId, event) => this.#noted(pileId, event),
    RegisterReset: (pileId, { connector, reading, fromWh }) => {
      this.verdicts.breach("E2", `${pileId}: the register fell though no meter was changed`);
      this.#gun(pileId, connector).jumpsWh += reading.wh - fromWh;
    },
    ChargeEnded: (pileId, event) => this.#end(pileId, event),
    CardAccepted: () => this.verdicts.count("card-accepted"),
    CardRefused: (pileId, { txId, connector }) => {
      const wh = this.#cards.get(`${pileId}#${txId}`);
      if (wh !== undefined) this.#gun(pileId, connector).ordersWh -= wh;
      this.verdicts.count("card-refused");
    },
    ChargeStarted: (_pileId, { owner }) => {
      this.verdicts.count(owner.by === "nobody" ? `nobody-${owner.why}` : "charge-started");
    },
    StartRequested: (pileId, { connector, orderId }) => {
      Object.assign(this.#gun(pileId, connector), { orderId, unsure: false, asked: false });
    },
    StartStepped: (pileId, { connector, doubt }) => {
      const gun = this.#gun(pileId, connector);
      gun.unsure ||= doubt === true && !gun.asked;
    },
    DeviceReplied: (pileId, event) => this.#replied(this.#gun(pileId, event.connector), event),
    DeviceCalled: (pileId, event) => this.#called(pileId, event),
    StartFailed: () => this.verdicts.count("start-failed"),
    StartUndone: () => this.verdicts.count("start-undone"),
    LimitReached: () => this.verdicts.count("limit-reached"),
  };

  #noted(pileId: string, { connector, reading }: Of<"MeterNoted">): void {
    const gun = this.#gun(pileId, connector);
    gun.firstWh ??= reading.wh;
    if (reading.wh > this.registerWh(pileId, connector)) {
      this.verdicts.breach("E1", `${pileId}/${connector}: more energy than its meter shows`);
    }
  }

  #end(pileId: string, event: Of<"ChargeEnded">): void {
    const { breach, count } = this.verdicts;
    const session = `${pileId}#${event.txId}`;
    if (this.#ended.has(session)) breach("E3", `${session}: ended twice`);
    this.#ended.add(session);
    count(`end-${event.proof}`);
    if (event.reason === "unplugged") count("gun-pulled-charging");
    const { owner } = event;
    if (owner.by === "nobody") return;
    const wh = energyOf(event.segments);
    if (wh !== event.registerWh - event.startRegisterWh) {
      breach("E2", `${session}: segments differ`);
    }
    this.#gun(pileId, event.connector).ordersWh += wh;
    if (owner.by === "card") this.#cards.set(session, wh);
    if (this.#endedWh.has(owner.orderId)) breach("E3", `${owner.orderId}: ended at two sessions`);
    this.#endedWh.set(owner.orderId, wh);
  }

  #replied(gun: Gun, { op, outcome, about }: Of<"DeviceReplied">): void {
    if (about !== gun.orderId) return; // of an order before
    if (op === "ask" && outcome === "told") Object.assign(gun, { unsure: false, asked: true });
    if (op !== "start") return;
    gun.unsure = outcome === "none" && !gun.asked;
    if (outcome !== "none") return;
    this.verdicts.count("start-unknown");
  }

  /** O4: after an unknown outcome the pile is asked before it is told again. */
  #called(pileId: string, { op, connector }: Of<"DeviceCalled">): void {
    if (op !== "start") return;
    const gun = this.#gun(pileId, connector);
    if (gun.unsure) this.verdicts.breach("O4", `${pileId}/${connector}: start repeated in doubt`);
    gun.asked = false;
  }

  #sums(pileId: string, state: Registered): void {
    const running = new Set<string>();
    for (const connector of state.connectors) {
      const { no, register } = connector;
      const open = sessionsOf(state, connector);
      const { use } = connector;
      if (use.status === "charging" && use.session.owner.by === "nobody") {
        this.verdicts.breach("O6", `${pileId}/${no} charges for nobody and is not stopped`);
      }
      for (const { owner } of open) {
        if (owner.orderId === null || owner.by === "nobody") continue;
        if (running.has(owner.orderId)) {
          this.verdicts.breach("O1", `${owner.orderId} has two sessions`);
        }
        running.add(owner.orderId);
      }
      if (register === null) continue;
      const gun = this.#gun(pileId, no);
      const reserved = state.left.filter((left) => left.connector === no)
        .reduce((sum, { ceilingWh, last }) => sum + ceilingWh - last.wh, 0);
      const booked = gun.ordersWh + connector.unattributedWh + reserved +
        open.reduce((sum, { segments }) => sum + energyOf(segments), 0);
      const passed = register.wh - (gun.firstWh ?? register.wh) - gun.jumpsWh;
      if (booked !== passed) {
        this.verdicts.breach("E1", `${pileId}/${no}: ${passed} Wh passed, ${booked} have an owner`);
      }
    }
  }

  /** What the order bills is what the pile ended. */
  #order({ id, record }: Seen): void {
    for (const event of record.events) {
      if (event.type !== "ChargeEnded" && event.type !== "BillCorrected") continue;
      const { estimated } = event["bill"] as Bill;
      if (estimated) { // the true end corrects it
        this.verdicts.count("bill-estimated");
        continue;
      }
      if (event.type === "BillCorrected") this.verdicts.count("bill-corrected");
      const wh = energyOf(event["segments"] as Session["segments"]);
      const told = this.#endedWh.get(id);
      if (wh !== told) this.verdicts.breach("E3", `${id}: bills ${wh} Wh, the pile ended ${told}`);
    }
  }
}

function sessionsOf(state: Registered, { no, use }: Connector): Session[] {
  const left = state.left.filter((one) => one.connector === no).map(({ session }) => session);
  const running = use.status === "charging" || use.status === "stopping" ? [use.session] : [];
  return [...running, ...left];
}
