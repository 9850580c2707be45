// Test-only: a pile's device and gateway in small, with links that break, answers that get lost, facts
// that queue and come twice, and drivers who start and stop. Seeded: the same seed, the same story.
import type { Effect } from "../kit/mod.ts";
import { innerPrincipal, orderPrincipal, type Rig, RIVAL, stage, USER } from "./rig.ts";

type Body = Record<string, unknown>;
interface Call {
  lane: string;
  ref: { op: "start" | "stop" | "ask"; connector: number; about: string };
  epoch: number;
  command: { kind: string; id: string; orderId?: string; txId?: number; idTag?: string };
}
interface DeviceSession {
  orderId: string | null;
  tag: string | null;
  txId: number | null;
}
interface Fact {
  type: string;
  body: Body;
  session?: DeviceSession;
}
export interface World {
  rig: Rig;
  seed: number;
  ocpp: boolean;
  chance(p: number): boolean;
  upTo(n: number): number;
  device: { session: DeviceSession | null; register: number; plugged: boolean; queue: Fact[] };
  told: { orderId: string; type: string; body: Body }[];
  calls: Call[];
  /** Starts that were sent, answered as unknown, and may still act. */
  transit: Call[];
  online: boolean;
  healed: boolean;
  seq: number;
  ticks: number;
  names: number;
  /** The driver's order now. */
  current: string | null;
  /** Outcomes of start commands that the device remembers. */
  known: Map<string, string>;
  cards: { txId: number; ok: boolean }[];
  waiting: { commandId: string; session: DeviceSession } | null;
}

/** mulberry32: small, even, repeatable. */
function dice(seed: number) {
  let a = seed >>> 0;
  const roll = () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  return { chance: (p: number) => roll() < p, upTo: (n: number) => Math.floor(roll() * n) };
}

export function worldOf(seed: number, ocpp: boolean): World {
  const rig = stage.ready();
  return {
    rig,
    seed,
    ocpp,
    ...dice(seed),
    device: { session: null, register: 1_000_000, plugged: true, queue: [] },
    told: [],
    calls: [],
    transit: [],
    online: true,
    healed: false,
    seq: rig.state.factSeq,
    ticks: 0,
    names: 0,
    current: null,
    known: new Map(),
    cards: [],
    waiting: null,
  };
}

/** Takes effects in: calls to the gateway, words to orders, answers to card reports. */
function drain(world: World): void {
  for (const effect of world.rig.step.take() as Effect[]) {
    if (effect.do === "call") {
      const { command, linkEpoch } = effect.body as { command: Call["command"]; linkEpoch: number };
      const ref = effect.ref as Call["ref"];
      world.calls.push({ lane: effect.lane, ref, epoch: linkEpoch, command });
    } else if (effect.do === "tell") heard(world, effect);
    else if (effect.do === "answer" && world.waiting?.commandId === effect.to) {
      world.waiting.session.txId = (effect.body as { txId: number }).txId;
      world.waiting = null;
    }
  }
}

function heard(world: World, { to, type, body, ref }: Extract<Effect, { do: "tell" }>): void {
  const { id: orderId } = to;
  world.told.push({ orderId, type, body });
  const over = type === "ConnectorEnded" || type === "ConnectorStartFailed";
  if (over && world.current === orderId) world.current = null;
  const proven = type === "ConnectorStartFailed" && body.proven === true;
  // An OCPP device knows no command ids: a delayed repeat may act again, and is caught as late.
  if (proven && !world.ocpp && world.device.session?.orderId === orderId) {
    throw new TypeError(`proven idle while it charges: ${orderId}`);
  }
  if (type !== "StartByCard") return;
  world.cards.push({ txId: (ref as { txId: number }).txId, ok: world.chance(0.6) });
}

// the device

function queue({ device, rig }: World, type: string, body: Body, session?: DeviceSession): void {
  const whole = { connector: 1, deviceAt: rig.step.at, ...body };
  device.queue.push({ type, body: whole, ...(session ? { session } : {}) });
}
function begin(world: World, orderId: string | null, tag: string, card: Body = {}): void {
  const session: DeviceSession = { orderId, tag, txId: null };
  world.device.session = session;
  const named = world.ocpp || orderId === null ? { idTag: tag } : { orderId };
  const { register: registerWh } = world.device;
  queue(world, "ReportStarted", { registerWh, ...named, ...card }, session);
}
function end(world: World, reason: string): void {
  const { device, ocpp } = world;
  const { session } = device;
  if (!session) return;
  device.session = null;
  const { orderId, tag: idTag } = session;
  const named = ocpp ? {} : orderId ? { orderId } : { idTag };
  queue(world, "ReportEnded", { registerWh: device.register, reason, ...named }, session);
}

/** What the device does with a command, and says. */
function act(world: World, { command }: Call): Body {
  const { device, known, ocpp } = world;
  const { session, plugged } = device;
  if (command.kind === "ask") {
    const state = session ? "charging" : plugged ? "plugged" : "idle";
    const whose = session?.orderId && !ocpp ? { orderId: session.orderId } : {};
    const seen = { no: 1, state, registerWh: device.register, ...whose };
    return { outcome: "told", connectors: [seen] };
  }
  const before = known.get(command.id);
  if (before && !ocpp) return { outcome: "known", code: before };
  if (command.kind === "start") {
    const code = session ? "busy" : !plugged && !ocpp ? "unplugged" : null;
    known.set(command.id, code ?? "accepted");
    if (code) return { outcome: "refused", code };
    begin(world, command.orderId!, command.idTag!);
    return { outcome: "accepted" };
  }
  const named = ocpp ? session?.txId === command.txId : session?.orderId === command.orderId;
  const mine = session && (named || (!ocpp && command.orderId === undefined));
  if (mine) end(world, "remote");
  known.set(command.id, mine ? "accepted" : "refused");
  return mine ? { outcome: "accepted" } : { outcome: "refused", code: "no-session" };
}

// the gateway

const no = (code: string) => ({ ok: false, refusal: { code, facts: {} } });

/** One call leaves its lane: carried out, lost on the way there, or lost on the way back. */
function gateway(world: World): void {
  const { rig, chance } = world;
  const heads = world.calls.filter(({ lane }, i) =>
    world.calls.findIndex((one) => one.lane === lane) === i
  );
  const call = heads[world.upTo(heads.length)];
  if (!call) return;
  const answer = (answered: Body) => {
    rig.answer(call.ref.op, answered, call.ref.about, call.ref.connector);
    drain(world);
  };
  world.calls = world.calls.filter((one) => one !== call);
  if (!world.online || call.epoch !== rig.epoch()) return answer(no("link.gone"));
  if (world.healed || chance(0.7)) return answer({ ok: true, body: act(world, call) });
  if (chance(0.4)) act(world, call);
  else if (chance(0.3)) world.transit.push(call);
  answer(no("outcome.unknown"));
}

/** The head of the device's queue is told; it leaves when it was answered, and the answer came. */
function tell(world: World): void {
  const { rig, device, ocpp } = world;
  const [fact] = device.queue;
  if (!fact || !world.online || world.waiting) return;
  const place = ocpp ? {} : { fact: { bootId: "boot-1", seq: world.seq + 1 } };
  const ends = ocpp && fact.type === "ReportEnded";
  const txId = ends ? { txId: fact.session?.txId ?? -1 } : {};
  const commandId = `fact-${rig.step.log.length}-${world.seq}`;
  const whole = { type: fact.type, linkEpoch: rig.epoch(), ...place, ...fact.body, ...txId };
  const sent = rig.step.send(whole, { commandId });
  if (!sent.ok) throw new TypeError(`refused: ${JSON.stringify(sent.refusal)}`);
  const lost = !world.healed && world.chance(0.2);
  const { session } = fact;
  if (sent.later && session && !lost) world.waiting = { commandId, session };
  const body = sent.body as { txId?: number } | null;
  if (!lost && body?.txId && session) session.txId = body.txId;
  drain(world);
  if (lost) return;
  world.seq++;
  device.queue.shift();
}

// people, time and mishaps

function swipeCard(world: World): void {
  const { device } = world;
  if (device.session || !device.plugged) return;
  const who = world.upTo(3);
  const cardUserId = who === 0 ? null : who === 1 ? "usr_card1" : RIVAL;
  const blocked = who === 2 ? { cardBlocked: true } : {};
  begin(world, null, `CARD${++world.names}`, { cardUserId, ...blocked });
}
function answerCard(world: World): void {
  const next = world.cards.shift();
  if (!next) return;
  const answer = next.ok ? { ok: true, body: null } : no("wallet.hold-refused");
  const ref = { txId: next.txId, connector: 1 };
  world.rig.step.send({ type: "CardAnswered", ref, answer }, { principal: innerPrincipal });
  drain(world);
}

function drive(world: World): void {
  const { rig: { step }, chance } = world;
  const orderId = world.current ?? `ord_test-${world.seed}-${++world.names}`;
  const principal = orderPrincipal(orderId);
  const about = { orderId, connector: 1 };
  if (world.current === null) {
    const userId = chance(0.5) ? USER : RIVAL;
    const keep = { type: "KeepConnector", ...about, userId, tariffVersion: "tv_1" };
    if (!step.send(keep, { principal }).ok) return;
    const limit = chance(0.3) ? { energyWh: 300 } : {};
    const start = { type: "StartConnector", ...about, limit, holdFen: 20_000 };
    const gone = chance(0.1) || !step.send(start, { principal }).ok;
    world.current = gone ? null : orderId;
  } else if (chance(0.3)) {
    step.send({ type: "StopConnector", ...about, by: "user" }, { principal });
    world.current = null;
  }
  drain(world);
}

function wait(world: World, ms: number): void {
  if (world.device.session) world.device.register += Math.floor(ms / 60);
  world.rig.step.advance(ms);
  drain(world);
}
function tick(world: World): void {
  const { rig, device } = world;
  if (!world.online) return;
  const powerW = device.session ? 60_000 : 0;
  const { register: registerWh } = device;
  const place = { linkEpoch: rig.epoch(), n: ++world.ticks, t: rig.step.at, connector: 1 };
  rig.step.signal({ ...place, powerW, registerWh });
  drain(world);
}
function plug(world: World): void {
  const { device } = world;
  device.plugged = !device.plugged;
  if (!device.plugged) end(world, "unplugged");
  if (!world.ocpp) return queue(world, "ReportPlug", { plugged: device.plugged });
  queue(world, "ReportState", { state: device.plugged ? "preparing" : "available" });
}
function link(world: World): void {
  const { rig } = world;
  if (world.online) {
    if (world.chance(0.5)) rig.loseLink();
  } else rig.openLink("boot-1", `gw-${world.upTo(3)}`);
  world.online = !world.online;
  drain(world);
}
function actLate(world: World): void {
  const call = world.transit.shift();
  if (call?.command.kind === "start") act(world, call);
}
function swap(world: World): void {
  const [a, b, ...rest] = world.device.queue;
  if (a && b && world.ocpp) world.device.queue = [b, a, ...rest];
}

const actions: [number, (world: World) => void][] = [
  [20, gateway],
  [20, tell],
  [8, drive],
  [10, (world) => wait(world, 1_000 + world.upTo(20_000))],
  [1, (world) => wait(world, 60_000 + world.upTo(600_000))],
  [10, tick],
  [3, plug],
  [3, link],
  [3, (world) => end(world, ["local", "limit", "fault"][world.upTo(3)]!)],
  [2, swipeCard],
  [4, answerCard],
  [2, actLate],
  [1, swap],
  [1, (world) => queue(world, "ReportMeter", { registerWh: world.device.register })],
];
const total = actions.reduce((sum, [weight]) => sum + weight, 0);

/** One thing happens. */
export function happen(world: World): void {
  let at = world.upTo(total);
  for (const [weight, run] of actions) {
    if (at < weight) return run(world);
    at -= weight;
  }
}

function settle(world: World, rounds: number): void {
  for (let i = 0; i < rounds; i++) {
    tell(world);
    gateway(world);
    answerCard(world);
    if (i % 4 === 0) wait(world, 5_000);
    if (i % 9 === 0) tick(world);
  }
}
/** Everything works again: link, answers, queue; time goes on until nothing is due. */
export function heal(world: World): void {
  world.healed = true;
  world.transit = [];
  world.online = true;
  world.rig.openLink("boot-1", "gw-9");
  drain(world);
  settle(world, 300);
  wait(world, 600_000); // the longest wait: a session whose end is never reported
  settle(world, 100);
}
