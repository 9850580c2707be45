// A town for reservations: reservation, order, user, wallet, ticket and the pile itself are real; the device
// behind the pile is played by the test.
import { order } from "../../actors/order/mod.ts";
import { patrol } from "../../actors/patrol/mod.ts";
import { payment } from "../../actors/payment/mod.ts";
import { pile } from "../../actors/pile/mod.ts";
import { reservation } from "../../actors/reservation/mod.ts";
import { rulesOf } from "../../actors/tariff/mod.ts";
import { ticket } from "../../actors/ticket/mod.ts";
import { user } from "../../actors/user/mod.ts";
import { wallet } from "../../actors/wallet/mod.ts";
import type { ReservationView } from "../../wire/reservation.ts";
import { ChargeTown, driver, ops, PILE, settings, tariff, USER } from "./charge-town.ts";
import { ok, type Reply, type TownOptions } from "./town.ts";

export const RSV = "rsv_01kreserve0aaaabbbbccccdddd";
export const minutes = (n: number): number => n * 60_000;
export const { rulesVersion } = rulesOf(settings);
type Body = Record<string, unknown>;

export class ReserveTown extends ChargeTown {
  /** What the device answers to a command of that kind. */
  readonly device: Record<string, () => Reply | null>;
  #seq = 0;
  readonly #tapped: { id: string; tap: string }[] = [];

  constructor(more: Partial<TownOptions> = {}) {
    const device: ReserveTown["device"] = {
      start: () => ok({ outcome: "accepted" }),
      stop: () => ok({ outcome: "accepted" }),
      ask: () => ok({ outcome: "told", connectors: [{ no: 1, state: "idle" }] }),
    };
    const byDevice = ({ body }: { body: Body }) =>
      device[(body["command"] as { kind: string }).kind]!();
    super({
      actors: [reservation, order, user, wallet, payment, pile, ticket, patrol],
      fakes: { device: byDevice, notify: () => ok(), payment: () => ok({ status: "open" }) },
      ...more,
    });
    this.device = device;
    this.register(PILE);
  }
  register(pileId: string): void {
    const at = { kind: "pile", id: pileId };
    const gun = (no: number) => ({ no, plug: "gb-dc", ratedPowerW: 120_000, reservable: no < 3 });
    const about = { stationId: "stn_north", code: "100001", lane: "native", ratedPowerW: 120_000 };
    const connectors = [gun(1), gun(2), gun(3)];
    this.send(at, { type: "RegisterPile", ...about, connectors }, ops);
    const station = { kind: "actor" as const, id: "station/stn_north" };
    this.send(at, { type: "SetTariff", tariff, stationPhone: "400" }, station);
    this.openLink(pileId);
    this.fact("ReportPlug", { plugged: true });
  }
  openLink(pileId = PILE): void {
    const device = { kind: "device" as const, id: pileId };
    const link = { gatewayId: "gw-1", lane: "native", bootId: "boot" };
    this.send({ kind: "pile", id: pileId }, { type: "OpenLink", ...link }, device);
    this.run();
  }
  loseLink(pileId = PILE): void {
    const { link } = this.state<{ link: { linkEpoch: number } }>("pile", pileId);
    const body = { gatewayId: "gw-1", linkEpoch: link.linkEpoch, why: "closed" };
    const device = { kind: "device" as const, id: pileId };
    this.send({ kind: "pile", id: pileId }, { type: "LoseLink", ...body }, device);
    this.run();
  }
  /** What the device tells of itself. */
  fact(type: string, body: Body = {}) {
    const { link } = this.state<{ link: { linkEpoch: number } }>("pile", PILE);
    const fact = { bootId: "boot", seq: ++this.#seq };
    const common = { linkEpoch: link.linkEpoch, fact, connector: 1, deviceAt: this.at };
    const device = { kind: "device" as const, id: PILE };
    const out = this.send({ kind: "pile", id: PILE }, { type, ...common, ...body }, device);
    this.run();
    return out;
  }

  reserve(more: Body = {}, id = RSV, who = USER) {
    const asked = { pileId: PILE, connector: 1, from: this.at, minutes: 30, rulesVersion };
    const out = this.tap(id, { type: "RequestReservation", ...asked, ...more }, who);
    this.run();
    return this.answer({ kind: "reservation", id }, out.id);
  }
  tap(id: string, command: { type: string; [field: string]: unknown }, who = USER) {
    const to = { kind: "reservation", id };
    const tap = `tap-${this.#tapped.length}`;
    this.#tapped.push({ id, tap });
    return this.send(to, command, driver(who), tap);
  }
  /** A tap, and its answer once all has come to rest. */
  tapped(command: { type: string; [field: string]: unknown }, id = RSV, who = USER) {
    const out = this.tap(id, command, who);
    this.run();
    return this.answer({ kind: "reservation", id }, out.id);
  }
  begin(more: Body = {}, orderId = "ord_01kreserved0aaaabbbbccccddd", id = RSV, who = USER) {
    const pay = { by: "wallet", autoCapture: true };
    const where = { pileId: PILE, connector: 1, tariffVersion: "tv_1" };
    const asked = { orderId, ...where, limit: {}, pay, ageMs: 10, ...more };
    return this.tapped({ type: "StartReserved", ...asked }, id, who);
  }
  cost(id = RSV, who = USER): Body {
    const out = this.read({ kind: "reservation", id }, "cancel-cost", driver(who));
    return out.ok ? out.body as Body : { refused: out.refusal.code };
  }
  cancel(costVersion = this.cost()["costVersion"], id = RSV, who = USER) {
    return this.tapped({ type: "CancelReservation", costVersion }, id, who);
  }
  reserved(id = RSV, who = USER): ReservationView {
    const out = this.read({ kind: "reservation", id }, "show", driver(who));
    if (!out.ok) throw new TypeError(`could not read: ${out.refusal.code}`);
    return out.body as ReservationView;
  }
  /** Has every tap on it been answered? */
  answered(id: string): boolean {
    const to = { kind: "reservation", id };
    return this.#tapped.every((one) => one.id !== id || this.answer(to, one.tap) !== undefined);
  }
  get slots(): readonly Body[] {
    return this.state<{ slots?: Body[] }>("pile", PILE).slots ?? [];
  }
  walletOf(id = USER): { balanceFen: number; deposits?: Record<string, Body> } {
    return this.state("wallet", id);
  }
  connectorStatus(no = 1): string {
    const out = this.read({ kind: "pile", id: PILE }, "show", driver(USER));
    const { connectors } = (out.ok ? out.body : { connectors: [] }) as {
      connectors: { no: number; status: string }[];
    };
    return connectors.find((one) => one.no === no)!.status;
  }
}
export const refusedWith = (reply: Reply | undefined): string | null =>
  reply && !reply.ok ? reply.refusal.code : null;
