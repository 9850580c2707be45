// E and O at the piles: each Wh has one owner, registers never fall unexplained, each end settles one
// order once, no order charges at two guns, and no start is repeated in doubt without a question.
import { energyOf } from "../../../actors/tariff/mod.ts";
import type { PileEvent } from "../../../actors/pile/mod.ts";
import type { Connector, Registered, Session } from "../../../actors/pile/state.ts";
import { bare, type Checker, type Seen, type Verdicts } from "./kit.ts";

type Of<T extends PileEvent["type"]> = Extract<PileEvent, { type: T }>;
interface Gun {
  firstWh: number | null;
  jumpsWh: number;
  /** Energy of ended sessions that went to orders. */
  ordersWh: number;
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
      gun = { firstWh: null, jumpsWh: 0, ordersWh: 0, unsure: false, asked: false };
      this.#guns.set(key, gun);
    }
    return gun;
  }

  #event(pileId: string, event: PileEvent): void {
    const { breach, count } = this.verdicts;
    switch (event.type) {
      case "MeterNoted":
        return this.#noted(pileId, event);
      case "RegisterReset": {
        breach("E2", `${pileId}: the register fell though no meter was changed`);
        const gun = this.#gun(pileId, event.connector);
        gun.jumpsWh += event.reading.wh - event.fromWh;
        return;
      }
      case "ChargeEnded":
        return this.#end(pileId, event);
      case "CardRefused": {
        const wh = this.#cards.get(`${pileId}#${event.txId}`);
        if (wh !== undefined) this.#gun(pileId, event.connector).ordersWh -= wh;
        return count("card-refused");
      }
      case "ChargeStarted":
        if (event.owner.by === "nobody") count(`nobody-${event.owner.why}`);
        return count("charge-started");
      case "DeviceReplied":
      case "StartStepped":
      case "StartRequested":
      case "DeviceCalled":
        return this.#start(pileId, event);
      case "StartFailed":
        return count("start-failed");
      case "StartUndone":
        return count("start-undone");
      case "LimitReached":
        return count("limit-reached");
    }
  }

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

  /** O4: after an unknown outcome the pile is asked before it is told again. */
  #start(
    pileId: string,
    event: Of<"DeviceReplied" | "StartStepped" | "StartRequested" | "DeviceCalled">,
  ): void {
    const gun = this.#gun(pileId, event.connector);
    switch (event.type) {
      case "StartRequested":
        gun.unsure = false;
        return;
      case "StartStepped":
        gun.unsure ||= event.doubt === true && !gun.asked;
        return;
      case "DeviceReplied":
        if (event.op === "ask" && event.outcome === "told") {
          gun.unsure = false;
          gun.asked = true;
        }
        if (event.op === "start" && event.outcome === "none") {
          gun.unsure = !gun.asked;
          this.verdicts.count("start-unknown");
        }
        return;
      case "DeviceCalled":
        if (event.op !== "start") return;
        if (gun.unsure) {
          this.verdicts.breach("O4", `${pileId}/${event.connector}: start repeated in doubt`);
        }
        gun.asked = false;
    }
  }

  #sums(pileId: string, state: Registered): void {
    const running = new Set<string>();
    for (const connector of state.connectors) {
      const { no, register } = connector;
      const open = sessionsOf(state, connector);
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
      if (event.type !== "ChargeEnded") continue;
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
