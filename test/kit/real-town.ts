// A town whose pile is real as well: the test plays the device behind it.
import { order } from "../../actors/order/mod.ts";
import { patrol } from "../../actors/patrol/mod.ts";
import { payment } from "../../actors/payment/mod.ts";
import { pile } from "../../actors/pile/mod.ts";
import { ticket } from "../../actors/ticket/mod.ts";
import { user } from "../../actors/user/mod.ts";
import { wallet } from "../../actors/wallet/mod.ts";
import type { Safeguard } from "../../wire/safeguards.ts";
import type { ChargingSettings } from "../../wire/settings.ts";
import { ChargeTown, ok, ops, PILE, settings, tariff } from "./charge-town.ts";
import type { Reply } from "./town.ts";

type Body = Record<string, unknown>;
const at = { kind: "pile", id: PILE };
const device = { kind: "device" as const, id: PILE };

export class RealTown extends ChargeTown {
  /** What the device answers to a command of that kind. */
  readonly device: Record<string, () => Reply>;
  readonly commands: string[] = [];
  /** What the parking system says of the bay. */
  parked: "free" | "taken" = "free";
  #seq = 0;
  #epoch = 1;

  constructor(without: readonly Safeguard[] = [], changed: Partial<ChargingSettings> = {}) {
    const answers: RealTown["device"] = {
      start: () => ok({ outcome: "accepted" }),
      stop: () => ok({ outcome: "accepted" }),
      unlock: () => ok({ outcome: "accepted" }),
      ask: () => ok({ outcome: "told", connectors: [{ no: 1, state: "idle" }] }),
    };
    const byDevice = ({ body }: { body: Body }) => {
      const { kind } = body.command as { kind: string };
      this.commands.push(kind);
      return answers[kind]!();
    };
    super({
      actors: [order, user, wallet, payment, pile, ticket, patrol],
      fakes: {
        device: byDevice,
        notify: () => ok(),
        payment: () => ok({ status: "open" }),
        parking: ({ body }) => ok(body.op === "ask" ? { state: this.parked } : {}),
      },
      settings: { ...settings, ...changed },
      without,
    });
    this.device = answers;
    const connectors = [{ no: 1, plug: "gb-dc", ratedPowerW: 120_000, reservable: true }];
    const about = { stationId: "stn_north", code: "100001", lane: "native", ratedPowerW: 120_000 };
    this.send(at, { type: "RegisterPile", ...about, connectors }, ops);
    const station = { kind: "actor" as const, id: "station/stn_north" };
    this.send(at, { type: "SetTariff", tariff, stationPhone: "400" }, station);
    this.send(at, { type: "OpenLink", gatewayId: "gw-1", lane: "native", bootId: "boot" }, device);
    this.fact("ReportPlug", { plugged: true });
  }
  fact(type: string, body: Body = {}) {
    const fact = { bootId: "boot", seq: ++this.#seq };
    const common = { linkEpoch: this.#epoch, fact, connector: 1, deviceAt: this.at };
    const out = this.send(at, { type, ...common, ...body }, device);
    this.run();
    return out;
  }
  loseLink(): void {
    const body = { gatewayId: "gw-1", linkEpoch: this.#epoch, why: "closed" };
    this.send(at, { type: "LoseLink", ...body }, device);
    this.run();
  }
  openLink(): void {
    this.#epoch++;
    this.send(at, { type: "OpenLink", gatewayId: "gw-1", lane: "native", bootId: "boot" }, device);
    this.run();
  }
}
