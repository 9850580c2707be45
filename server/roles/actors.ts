// Role `actors`: hosts every kind of actor on this process, with the ways out that they may call.
import type { AnyActor } from "../../actors/kit/mod.ts";
import { approval } from "../../actors/approval/mod.ts";
import { auditor } from "../../actors/auditor/mod.ts";
import { campaign } from "../../actors/campaign/mod.ts";
import { inbox } from "../../actors/inbox/mod.ts";
import { drill } from "../../actors/drill/mod.ts";
import { lock } from "../../actors/lock/mod.ts";
import { order } from "../../actors/order/mod.ts";
import { patrol } from "../../actors/patrol/mod.ts";
import { payment } from "../../actors/payment/mod.ts";
import { pile } from "../../actors/pile/mod.ts";
import { reconciliation } from "../../actors/reconciliation/mod.ts";
import { reservation } from "../../actors/reservation/mod.ts";
import { station } from "../../actors/station/mod.ts";
import { ticket } from "../../actors/ticket/mod.ts";
import { user } from "../../actors/user/mod.ts";
import { wallet } from "../../actors/wallet/mod.ts";
import type { JournalRecord } from "../../wire/envelope.ts";
import { Causes, type Census, censusOf, Heat, Tally } from "../census.ts";
import { type ActorNode, createNode, type NodeOptions, type PortHandler } from "../runtime/mod.ts";
import { presentRecord } from "../present.ts";
import type { Base } from "./base.ts";

export const actorKinds: readonly AnyActor[] = [
  inbox,
  drill,
  lock,
  order,
  patrol,
  payment,
  pile,
  reconciliation,
  reservation,
  station,
  ticket,
  user,
  wallet,
  auditor,
  campaign,
  approval,
];
export const kinds: ReadonlyMap<string, AnyActor> = new Map(
  actorKinds.map((actor) => [actor.kind, actor]),
);

/** A stored record in the shapes that this release knows. */
export const presentRecordOf = (record: JournalRecord, kind: string): JournalRecord =>
  presentRecord(kinds.get(kind), record);

/** What only tests set: faulty ports, another placement, safeguards off. */
export type NodeOverrides = Partial<
  Pick<NodeOptions, "journal" | "placement" | "ports" | "without">
>;

export interface HostedActors extends ActorNode {
  /** What they are busy with. */
  census(): Census;
}

export function hostActors(
  base: Base,
  ports: Record<string, PortHandler>,
  overrides: NodeOverrides,
): HostedActors {
  const { config, log, tracer, clock, journal, archive, network, drills } = base;
  const metrics = new Tally(base.metrics, clock);
  const heat = new Heat(clock);
  const causes = new Causes();
  const node = createNode({
    node: config.CHARGEWARD_NODE,
    actors: drills ? actorKinds.map((actor) => drills.over(actor)) : actorKinds,
    journal,
    archive,
    network,
    clock,
    metrics,
    log,
    tracer,
    ports: causes.watch(ports),
    settings: () => config.CHARGEWARD_SETTINGS,
    alarms: {
      parked: (from, item, failures) =>
        log.error({ ...from, item: item.id, lane: item.lane, failures }, "lane parked"),
      breach: (at, error) => log.error({ ...at, error: String(error) }, "invariant broke"),
      quarantined: (at, error) => log.error({ ...at, error: String(error) }, "actor quarantined"),
    },
    ...overrides,
  });
  return {
    ...node,
    census: () =>
      censusOf(clock, [...node.shown()], {
        heat,
        tally: metrics,
        causes,
        appendsOpen: node.appendsOpen(),
      }),
  };
}

/** An actor's state as the platform itself may see it: the read "show" on a stored state. */
export function viewOfState(base: Base) {
  return (kind: string, state: unknown, v: number, id: string): unknown => {
    const shown = kinds.get(kind)?.read("show", state, null, {}, {
      tenant: base.config.CHARGEWARD_TENANT,
      self: { kind, id },
      at: base.clock.now(),
      commandId: "view",
      principal: { kind: "system", id: "view" },
      correlation: "view",
      v,
      settings: base.config.CHARGEWARD_SETTINGS,
      without: new Set(),
    });
    return shown && "body" in shown ? shown.body : null;
  };
}
