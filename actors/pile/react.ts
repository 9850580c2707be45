// What the world must do about what happened at a pile: device calls, words to orders, timers.
import { Answer, Call, CancelTimer, type Effect, onEvent, StartTimer, Tell } from "../kit/mod.ts";
import { energyOf } from "../tariff/mod.ts";
import type { DeviceCall } from "../../wire/pile.ts";
import type { ChargingSettings } from "../../wire/settings.ts";
import type { EventOf, PileEvent } from "./events.ts";
import { gapMsOf } from "./gap.ts";
import { timers } from "./names.ts";
import { bayHandlers } from "./react-bay.ts";
import { lockEffects } from "./react-lock.ts";
import { missed, slotHandlers } from "./react-slots.ts";
import type { FailedStart, PileState, Registered, Session } from "./state.ts";
import { PERSON_MS } from "./stop.ts";
import { timeLimitOf } from "./timers.ts";
import type { PileCtx } from "./turn.ts";

/** A device that looks idle is asked after this: its report of the end is on its way. */
const CHECK_MS = 15_000;
/** After a new link the device's queue comes first. */
const CHECK_LINK_MS = 60_000;
/** A report of the start follows a status within seconds; longer is a charge of nobody. */
const ALONE_MS = 20_000;
/** A session that another one followed waits this long for its report: a queue is flushed in seconds, and
 * L1 wants an end within ten minutes, by any node's clock. */
const LEFT_MS = 300_000;

/** What a connector waits for while a session runs there. */
const leftTimers = [
  timers.limit,
  timers.check,
  timers.stop,
  timers.person,
  timers.gap,
  timers.lost,
];

const order = (id: string) => ({ kind: "order", id });
const pileOf = (state: PileState): Registered | null =>
  state.status === "registered" ? state : null;
function sessionOf(state: PileState, txId: number | null): Session | null {
  for (const { use } of pileOf(state)?.connectors ?? []) {
    const running = use.status === "charging" || use.status === "stopping";
    if (running && use.session.txId === txId) return use.session;
  }
  return null;
}

const startFailed = ({ orderId, why, cause }: FailedStart, proven: boolean): Effect =>
  Tell(order(orderId), "ConnectorStartFailed", {
    why,
    ...(cause === undefined ? {} : { cause }),
    proven,
  });

function commandOf(
  event: EventOf<"DeviceCalled">,
  pile: Registered,
): DeviceCall["command"] | null {
  const { op, id, about, connector: no } = event;
  const use = pile.connectors.find((one) => one.no === no)?.use;
  switch (op) {
    case "start": {
      if (use?.status !== "starting") return null;
      const { orderId, tag: idTag, limit, holdFen } = use;
      return { kind: "start", id, connector: no, orderId, idTag, limit, holdFen };
    }
    case "stop": {
      const running = use?.status === "charging" || use?.status === "stopping";
      const tx = running ? { txId: use.session.txId } : {};
      const of = about.startsWith("ord_") ? { orderId: about } : {};
      return { kind: "stop", id, connector: no, ...of, ...tx };
    }
    case "ask":
      return { kind: "ask", id };
  }
}

function called(event: EventOf<"DeviceCalled">, state: PileState, ctx: PileCtx): Effect[] {
  const pile = pileOf(state);
  const { op, connector: no, about } = event;
  const command = pile && commandOf(event, pile);
  if (!command || pile.link.presence === "offline") return [];
  const { gatewayId, linkEpoch, lane } = pile.link;
  const body: DeviceCall = {
    tenant: ctx.tenant,
    pileId: ctx.self.id,
    gatewayId,
    linkEpoch,
    lane,
    command,
  };
  // A stop never overtakes its start; a question must not wait behind a silent one.
  const way = `${ctx.self.id}/${no}${op === "ask" ? "/ask" : ""}`;
  const call = Call("device", way, body, {
    onReply: "DeviceAnswered",
    ref: { op, connector: no, about },
  });
  const { startAskMs, stopRetryMs } = ctx.settings;
  if (op === "start") {
    const again = { ...body, command: { ...command, id: `${event.id}-again` } };
    return [
      call,
      ...(ctx.without.has("tap.one-command") ? [Call("device", `${way}/again`, again)] : []),
      StartTimer(timers.ask(no), ctx.at + startAskMs),
    ];
  }
  return op === "stop" ? [call, StartTimer(timers.stop(no), ctx.at + stopRetryMs)] : [call];
}

function started(event: EventOf<"ChargeStarted">, state: PileState, ctx: PileCtx): Effect[] {
  const { connector: no, txId, owner, reading } = event;
  const cleared = [timers.start(no), timers.ask(no), timers.plug(no), timers.stop(no)];
  const effects: Effect[] = cleared.map(CancelTimer);
  const session = sessionOf(state, txId);
  if (owner.by === "nobody") return effects;
  const { chargeMsMax } = ctx.settings;
  const over = timeLimitOf({ startAt: reading.at, limit: session?.limit ?? {} }, chargeMsMax);
  effects.push(StartTimer(timers.limit(no), over.at));
  effects.push(StartTimer(timers.gap(no), ctx.at + gapMsOf(ctx.settings)));
  const meter = { registerWh: reading.wh, deviceAt: reading.at };
  if (owner.by === "order") {
    const body = { txId, ...meter, segments: [] };
    return [...effects, Tell(order(owner.orderId), "ConnectorStarted", body)];
  }
  const pile = pileOf(state);
  const ratedPowerW = pile?.connectors.find((one) => one.no === no)?.ratedPowerW ?? 0;
  const { userId, orderId } = owner;
  const card = { userId, pileId: ctx.self.id, connector: no, stationId: pile?.stationId };
  const body = { ...card, tariff: session?.tariff, ...meter, ratedPowerW, txId };
  const back = { onReply: "CardAnswered", ref: { txId, connector: no } };
  return [...effects, Tell(order(orderId), "StartByCard", body, back)];
}

/** What a pile without this safeguard would do at the end of a charge: begin it again. */
function restart(
  { connector: no, owner }: EventOf<"ChargeEnded">,
  state: PileState,
  ctx: PileCtx,
): Effect[] {
  const link = pileOf(state)?.link;
  const off = ctx.without.has("ending.never-restarts");
  if (!off || owner.by !== "order" || link?.presence !== "online") return [];
  const { gatewayId, linkEpoch, lane } = link;
  const { orderId } = owner;
  const id = `${orderId}-restart`;
  const command = {
    kind: "start",
    id,
    connector: no,
    orderId,
    idTag: "",
    limit: {},
    holdFen: null,
  };
  const body = { tenant: ctx.tenant, pileId: ctx.self.id, gatewayId, linkEpoch, lane, command };
  return [Call("device", `${ctx.self.id}/${no}/restart`, body)];
}

function ended(event: EventOf<"ChargeEnded">, state: PileState, ctx: PileCtx): Effect[] {
  const { connector: no, owner, left, txId } = event;
  const effects: Effect[] = left ? [CancelTimer(timers.left(txId))] : [
    CancelTimer(timers.limit(no)),
    CancelTimer(timers.check(no)),
    CancelTimer(timers.stop(no)),
    CancelTimer(timers.person(no)),
    CancelTimer(timers.gap(no)),
    CancelTimer(timers.lost(no)),
  ];
  if (owner.by === "nobody") {
    const { failed } = owner;
    if (failed === null) return effects;
    // Of its own session this is the proof; after another one the pile is asked first.
    if (failed.orderId === owner.orderId || left) return [...effects, startFailed(failed, true)];
    return [...effects, StartTimer(timers.person(no), ctx.at + PERSON_MS)];
  }
  const { reason, cause, startRegisterWh, registerWh, endedAt, segments } = event;
  const body = {
    reason,
    ...(cause === undefined ? {} : { cause }),
    startRegisterWh,
    ...(event.limit === undefined ? {} : { limit: event.limit }),
    ...(event.implausible === undefined ? {} : { implausible: event.implausible }),
    ...(event.estimate === undefined ? {} : { estimated: event.estimate }),
    registerWh,
    deviceAt: endedAt,
    segments,
  };
  const told = Tell(order(owner.orderId), "ConnectorEnded", body);
  return [...effects, told, ...restart(event, state, ctx)];
}

function metered(event: EventOf<"MeterNoted">, state: PileState, ctx: PileCtx): Effect[] {
  const session = sessionOf(state, event.txId);
  if (session === null || session.owner.by === "nobody") return [];
  const fresh = StartTimer(timers.gap(event.connector), ctx.at + gapMsOf(ctx.settings));
  if (session.owner.by !== "order" || energyOf(event.added) === 0) return [fresh];
  const { reading, powerW, socPct } = event;
  return [
    fresh,
    Tell(order(session.owner.orderId), "MeterAdvanced", {
      registerWh: reading.wh,
      deviceAt: reading.at,
      segments: session.segments,
      ...(socPct === undefined ? {} : { socPct }),
      ...(powerW === undefined ? {} : { powerW }),
    }),
  ];
}

/** The order is billed by the estimate; the same word without bounds corrects it. */
function estimated(event: EventOf<"ChargeEstimated">, state: PileState): Effect[] {
  const { connector: no, txId, estimate, registerWh, untilAt, segments } = event;
  const session = sessionOf(state, txId);
  const use = pileOf(state)?.connectors.find((one) => one.no === no)?.use;
  if (session?.owner.by !== "order" || use?.status !== "stopping") return [];
  const { limit, by } = use.stop;
  const lost = by === "platform" || by === "limit" && limit === undefined;
  const body = {
    reason: lost ? "fault" : "remote",
    cause: { code: "pile-lost", by: "pile", fault: "pile-lost" },
    startRegisterWh: session.startRegisterWh,
    ...(limit === undefined ? {} : { limit }),
    ...(session.doubt === null ? {} : { implausible: session.doubt }),
    estimated: estimate,
    registerWh,
    deviceAt: untilAt,
    segments,
  };
  return [Tell(order(session.owner.orderId), "ConnectorEnded", body)];
}

/** Those that a lost pile cannot prove are waited for, but not for ever. */
function stopsLost(state: PileState, at: number, ctx: PileCtx): Effect[] {
  const pile = pileOf(state);
  if (!pile || pile.link.presence === "online") return [];
  return pile.connectors.filter(({ use }) => use.status === "stopping")
    .map(({ no }) => StartTimer(timers.lost(no), at + ctx.settings.lostMs));
}

function stepped(event: EventOf<"StartStepped">, ctx: PileCtx): Effect[] {
  const { connector: no, orderId, step, prompt } = event;
  const waits = () => [
    Tell(order(orderId), "ConnectorWaits", { why: "unplugged" }),
    StartTimer(timers.plug(no), ctx.at + ctx.settings.plugInMs),
  ];
  switch (step) {
    case "waits-plug":
      return waits();
    case "unsure":
      return [StartTimer(timers.ask(no), ctx.at + ctx.settings.startAskMs)];
    case "accepted":
      return prompt ? waits() : [];
    case "due":
    case "sent":
      return [];
  }
}

function stateSeen(
  { connector: no, state: told }: EventOf<"StateSeen">,
  state: PileState,
  at: number,
) {
  const use = pileOf(state)?.connectors.find((one) => one.no === no)?.use.status;
  const alone = use === "free" || use === "occupied" || use === "kept";
  const charges = told === "charging" || told === "suspended";
  return alone && charges ? [StartTimer(timers.alone(no), at + ALONE_MS)] : [];
}

export const react = onEvent<PileEvent, PileState, ChargingSettings>({
  ...bayHandlers,
  StateSeen: (event, state, ctx) => stateSeen(event, state, ctx.at),
  ConnectorKept: ({ connector: no, until }) => [StartTimer(timers.keep(no), until)],
  ConnectorLetGo: ({ connector: no }) => [CancelTimer(timers.keep(no))],
  ...slotHandlers,
  StartRequested: ({ connector: no, deadlineAt }) => [
    CancelTimer(timers.keep(no)),
    StartTimer(timers.start(no), deadlineAt),
  ],
  StartStepped: (event, _state, ctx) => stepped(event, ctx),
  StartFailed: ({ connector: no, failed, proven }, _state, ctx) => [
    ...[timers.start(no), timers.ask(no), timers.plug(no)].map(CancelTimer),
    startFailed(failed, proven),
    ...(proven ? [] : [StartTimer(timers.person(no), ctx.at + PERSON_MS)]),
  ],
  StartUndone: ({ connector: no, failed }) => [
    CancelTimer(timers.stop(no)),
    CancelTimer(timers.person(no)),
    startFailed(failed, true),
  ],
  DeviceCalled: called,
  ChargeStarted: started,
  MeterNoted: metered,
  CardAccepted: ({ waiting, answer }) => waiting.map((id) => Answer(id, answer)),
  CardRefused: ({ waiting, answer }) => waiting.map((id) => Answer(id, answer)),
  CheckRequested: ({ connector: no, why, now }, _state, ctx) => {
    const afterMs = why === "link-opened" ? CHECK_LINK_MS : CHECK_MS;
    return now ? [] : [StartTimer(timers.check(no), ctx.at + afterMs)];
  },
  StopRequested: ({ connector: no }, state, ctx) => [
    CancelTimer(timers.limit(no)),
    CancelTimer(timers.check(no)),
    CancelTimer(timers.gap(no)),
    StartTimer(timers.person(no), ctx.at + PERSON_MS),
    ...stopsLost(state, ctx.at, ctx),
  ],
  ChargeEstimated: (event, state) => estimated(event, state),
  StopStepped: ({ connector: no }, _state, ctx) => [
    StartTimer(timers.stop(no), ctx.at + ctx.settings.stopRetryMs),
  ],
  LinkLost: (_event, state, ctx) => [
    ...missed(state, ctx),
    ...pileOf(state)?.connectors.map(({ no }) => CancelTimer(timers.stop(no))) ?? [],
    ...stopsLost(state, ctx.at, ctx),
  ],
  LinkOpened: (_event, state) =>
    pileOf(state)?.connectors.filter(({ use }) => use.status === "stopping")
      .map(({ no }) => CancelTimer(timers.lost(no))) ?? [],
  ChargeLeft: ({ txId, connector: no }, _state, ctx) => [
    ...leftTimers.map((timer) => CancelTimer(timer(no))),
    StartTimer(timers.left(txId), ctx.at + LEFT_MS),
  ],
  ChargeEnded: ended,
  ...lockEffects,
});
