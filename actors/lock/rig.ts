// Test-only: one lock on a stepper, and the sayings of those around it.
import { type Stepper, stepper } from "../kit/stepper.ts";
import type { Principal } from "../../wire/envelope.ts";
import type { LockWay } from "../../wire/lock.ts";
import { chargingSettings } from "../../wire/settings.ts";
import { lock, type LockActorState, type LockEvent } from "./mod.ts";
import type { Fitted } from "./state.ts";

export const T0 = Date.UTC(2026, 2, 2, 2, 0, 0);
export const PILE = "P100";
export const LOCK = "P100-1";
export const ORDER = "ord_01JPABCDEFGHJKMNPQRSTVWXYZ";
export const MAKER: LockWay = { by: "partner", partner: "maker", ref: "L-7" };
export const settings = chargingSettings.parse({});

export const ops: Principal = { kind: "ops", id: "ops_1", roles: ["operator"] };
export const pilePrincipal: Principal = { kind: "actor", id: `pile/${PILE}` };
export const maker: Principal = { kind: "provider", id: "lock/maker" };
const inner: Principal = { kind: "system", id: "outbox" };

type Body = Record<string, unknown>;
export interface RigOptions {
  way?: LockWay;
  rests?: "up" | "down";
  settings?: typeof settings;
}

/** A fitted lock that has told where it stands. */
export function rigOf(options: RigOptions = {}) {
  const { way = { by: "pile" }, rests = "down" } = options;
  const step: Stepper<LockActorState, LockEvent, null> = stepper(lock, {
    id: LOCK,
    at: T0,
    settings: options.settings ?? settings,
    principal: pilePrincipal,
  });
  const state = (): Fitted => {
    if (step.state.status === "unfitted") throw new TypeError("the lock is not fitted");
    return step.state;
  };
  const answer = (op: "move" | "ask", said: Body, n = state().calls) =>
    way.by === "pile"
      ? step.send({ type: "LockAnswered", op, n, answer: said })
      : step.send({ type: "PartnerAnswered", ref: { op, n }, answer: { ok: true, body: said } }, {
        principal: inner,
      });
  const fit = (more: Body = {}) =>
    step.send({
      type: "FitLock",
      pileId: PILE,
      connector: 1,
      stationId: "stn_east1",
      form: "ground-lock",
      rests,
      way,
      ...more,
    }, { principal: ops });
  return {
    step,
    get state() {
      return state();
    },
    fit,
    answer,
    move: (to: "up" | "down", more: Body = {}, how = {}) =>
      step.send({ type: "MoveLock", to, causeId: ORDER, ...more }, how),
    rest: () => step.send({ type: "RestLock", causeId: ORDER }),
    accepts: (n?: number) => answer("move", { outcome: "accepted" }, n),
    refuses: (code: string) => answer("move", { outcome: "refused", code }),
    silent: (op: "move" | "ask" = "move") => answer(op, { outcome: "none" }),
    /** What it says when it is asked. */
    says: (seen: string, more: Body = {}) =>
      answer("ask", { outcome: "told", seen: { state: seen, ...more } }),
    /** What it says by itself. */
    tells: (seen: string, more: Body = {}) =>
      step.send({
        type: "ReportLock",
        state: seen,
        deviceAt: step.at,
        ...(way.by === "partner" ? { ref: way.ref } : {}),
        ...more,
      }, { principal: way.by === "pile" ? pilePrincipal : maker }),
  };
}
export type Rig = ReturnType<typeof rigOf>;

/** Up over an empty bay, nothing under way. */
export function standing(options: RigOptions = {}, at: "up" | "down" = "up"): Rig {
  const rig = rigOf(options);
  rig.fit();
  rig.says(at, { bay: "empty" });
  rig.step.take();
  return rig;
}

/** Orders and questions to the device among effects, in order. */
export const heardIn = (effects: readonly unknown[]): string[] =>
  (effects as { do: string; type?: string; body: Body }[]).flatMap(({ do: kind, type, body }) => {
    if (kind === "call") {
      const command = body.command as { op: string; id?: string; to?: string };
      return [said(command)];
    }
    return type === "DriveLock" ? [said(body as { op: string; id?: string; to?: string })] : [];
  });
const said = ({ op, id, to }: { op: string; id?: string; to?: string }) =>
  op === "ask" ? "ask" : `${to} ${id}`;
