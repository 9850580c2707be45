// Test-only: a pile's device and gateway in small, with links that break, answers that get lost, facts
// that queue and come twice, and drivers who start and stop. Seeded: the same seed, the same story.
import type { Effect } from "../kit/mod.ts";
import { type Rig, RIVAL, stage, USER } from "./rig.ts";
import { orderPrincipal } from "./rig.ts";

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
  startWh: number;
}
interface Fact {
  type: string;
  body: Body;
  session?: DeviceSession;
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
  return {
    chance: (p: number) => roll() < p,
    upTo: (n: number) => Math.floor(roll() * n),
  };
}

export interface World {
  rig: Rig;
  device: { session: DeviceSession | null; register: number; plugged: boolean; queue: Fact[] };
  told: { orderId: string; type: string; body: Body }[];
  step(): void;
  /** Everything works again: link, answers, queue; time goes on until nothing is due. */
  heal(): void;
}

export function worldOf(seed: number, ocpp: boolean): World {
  const { chance, upTo } = dice(seed);
  const rig = stage.ready();
  const { step } = rig;
  const told: World["told"] = [];
  let calls: Call[] = [];
  let transit: Call[] = [];
  let online = true;
  let healed = false;
  let seq = rig.state.factSeq;
  let orders = 0;
  let waiting: { commandId: string; session: DeviceSession } | null = null;
  let cards = 0;
  const known = new Map<string, string>();
  const device: World["device"] = { session: null, register: 1_000_000, plugged: true, queue: [] };
  let current: string | null = null;

  /** Takes effects in: calls to the gateway, words to orders, answers to card reports. */
  function drain(): void {
    for (const effect of step.take() as Effect[]) {
      if (effect.do === "call") {
        const { command, linkEpoch } = effect.body as {
          command: Call["command"];
          linkEpoch: number;
        };
        calls.push({
          lane: effect.lane,
          ref: effect.ref as Call["ref"],
          epoch: linkEpoch,
          command,
        });
      } else if (effect.do === "tell") {
        const { id: orderId } = effect.to;
        told.push({ orderId, type: effect.type, body: effect.body });
        const over = effect.type === "ConnectorEnded" || effect.type === "ConnectorStartFailed";
        if (over && current === orderId) current = null;
        const proven = effect.type === "ConnectorStartFailed" && effect.body.proven === true;
        // An OCPP device knows no command ids: a delayed repeat may act again, and is caught as late.
        if (proven && !ocpp && device.session?.orderId === orderId) {
          throw new TypeError(`proven idle while it charges: ${orderId}`);
        }
        if (effect.type === "StartByCard") {
          const ref = effect.ref as { txId: number };
          cardAnswers.push({ txId: ref.txId, ok: chance(0.6) });
        }
      } else if (effect.do === "answer" && waiting?.commandId === effect.to) {
        waiting.session.txId = (effect.body as { txId: number }).txId;
        waiting = null;
      }
    }
  }
  const cardAnswers: { txId: number; ok: boolean }[] = [];

  const queue = (type: string, body: Body, session?: DeviceSession) =>
    device.queue.push({
      type,
      body: { connector: 1, deviceAt: step.at, ...body },
      ...(session ? { session } : {}),
    });

  function begin(orderId: string | null, tag: string | null, card?: Body): void {
    const session = { orderId, tag, txId: null, startWh: device.register };
    device.session = session;
    const named = ocpp || orderId === null ? { idTag: tag ?? "none" } : { orderId };
    queue("ReportStarted", { registerWh: device.register, ...named, ...card }, session);
  }
  function end(reason: string): void {
    const { session } = device;
    if (!session) return;
    device.session = null;
    const named = ocpp
      ? {}
      : session.orderId
      ? { orderId: session.orderId }
      : { idTag: session.tag! };
    queue("ReportEnded", { registerWh: device.register, reason, ...named }, session);
  }

  function act({ command }: Call): Body {
    const first = known.get(command.id);
    if (command.kind === "ask") {
      const state = device.session ? "charging" : device.plugged ? "plugged" : "idle";
      const orderId = device.session?.orderId;
      const seen = {
        no: 1,
        state,
        registerWh: device.register,
        ...(orderId && !ocpp ? { orderId } : {}),
      };
      return { outcome: "told", connectors: [seen] };
    }
    if (first && !ocpp) return { outcome: "known", code: first };
    if (command.kind === "start") {
      const code = device.session ? "busy" : !device.plugged && !ocpp ? "unplugged" : null;
      known.set(command.id, code ?? "accepted");
      if (code) return { outcome: "refused", code };
      begin(command.orderId!, command.idTag!);
      return { outcome: "accepted" };
    }
    const { session } = device;
    const mine = session && (session.orderId === command.orderId || session.txId === command.txId);
    if (mine) end("remote");
    known.set(command.id, mine ? "accepted" : "refused");
    return mine ? { outcome: "accepted" } : { outcome: "refused", code: "no-session" };
  }

  const answer = ({ ref }: Call, answered: Body) => {
    rig.answer(ref.op, answered, ref.about, ref.connector);
    drain();
  };
  const no = (code: string) => ({ ok: false, refusal: { code, facts: {} } });
  /** One call leaves its lane: carried out, lost on the way there, or lost on the way back. */
  function gateway(): void {
    const heads = calls.filter((call, i) => calls.findIndex((one) => one.lane === call.lane) === i);
    const call = heads[upTo(heads.length)];
    if (!call) return;
    calls = calls.filter((one) => one !== call);
    if (!online || call.epoch !== rig.epoch()) return answer(call, no("link.gone"));
    if (healed || chance(0.7)) return answer(call, { ok: true, body: act(call) });
    if (chance(0.4)) act(call);
    else if (chance(0.3)) transit.push(call);
    answer(call, no("outcome.unknown"));
  }

  /** The head of the device's queue is told; it leaves when it was answered (and the answer came). */
  function tell(): void {
    const [fact] = device.queue;
    if (!fact || !online || waiting) return;
    const place = ocpp ? {} : { fact: { bootId: "boot-1", seq: seq + 1 } };
    const txId = ocpp && fact.type === "ReportEnded" ? { txId: fact.session?.txId ?? -1 } : {};
    const commandId = `fact-${seed}-${step.log.length}-${seq}`;
    const sent = step.send(
      { type: fact.type, linkEpoch: rig.epoch(), ...place, ...fact.body, ...txId },
      { commandId },
    );
    if (!sent.ok) throw new TypeError(`refused: ${JSON.stringify(sent.refusal)}`);
    const lost = !healed && chance(0.2);
    if (sent.later && fact.session && !lost) waiting = { commandId, session: fact.session };
    const body = sent.body as { txId?: number } | null;
    if (!lost && body?.txId && fact.session) fact.session.txId = body.txId;
    drain();
    if (lost) return;
    seq++;
    device.queue.shift();
  }

  const card = () => {
    if (device.session || !device.plugged) return;
    const who = upTo(3);
    const cardUserId = who === 0 ? null : who === 1 ? "usr_card1" : RIVAL;
    begin(null, `CARD${++cards}`, { cardUserId, ...(who === 2 ? { cardBlocked: true } : {}) });
  };
  function cardAnswered(): void {
    const next = cardAnswers.shift();
    if (!next) return;
    step.send({
      type: "CardAnswered",
      ref: { txId: next.txId, connector: 1 },
      answer: next.ok ? { ok: true, body: null } : no("wallet.hold-refused"),
    }, { principal: { kind: "system", id: "outbox" } });
    drain();
  }

  function driver(): void {
    const orderId = current ?? `ord_test-${seed}-${++orders}`;
    const principal = orderPrincipal(orderId);
    if (current === null) {
      const userId = chance(0.5) ? USER : RIVAL;
      const body = { orderId, userId, connector: 1, tariffVersion: "tv_1" };
      const kept = step.send({ type: "KeepConnector", ...body }, { principal });
      if (!kept.ok) return;
      const limit = chance(0.3) ? { energyWh: 300 } : {};
      current = orderId;
      const start = { type: "StartConnector", orderId, connector: 1, limit, holdFen: 20_000 };
      if (chance(0.1) || !step.send(start, { principal }).ok) current = null;
    } else if (chance(0.3)) {
      step.send({ type: "StopConnector", orderId, connector: 1, by: "user" }, { principal });
      current = null;
    }
    drain();
  }

  function time(ms: number): void {
    if (device.session) device.register += Math.floor(ms / 3_600_000 * 60_000);
    step.advance(ms);
    drain();
  }
  let n = 0;
  function tick(): void {
    if (!online) return;
    step.signal({
      linkEpoch: rig.epoch(),
      n: ++n,
      t: step.at,
      connector: 1,
      powerW: device.session ? 60_000 : 0,
      registerWh: device.register,
    });
    drain();
  }
  const plug = () => {
    device.plugged = !device.plugged;
    if (!device.plugged) end("unplugged");
    if (ocpp) queue("ReportState", { state: device.plugged ? "preparing" : "available" });
    else queue("ReportPlug", { plugged: device.plugged });
  };
  function link(): void {
    if (online) {
      if (chance(0.5)) rig.loseLink();
      online = false;
    } else {
      rig.openLink("boot-1", `gw-${upTo(3)}`);
      online = true;
    }
    drain();
  }
  function late(): void {
    const call = transit.shift();
    if (call?.command.kind === "start") act(call);
  }
  const swap = () => {
    const [a, b, ...rest] = device.queue;
    if (a && b && ocpp) device.queue = [b, a, ...rest];
  };

  const actions: [number, () => void][] = [
    [20, gateway],
    [20, tell],
    [8, driver],
    [10, () => time(1_000 + upTo(20_000))],
    [1, () => time(60_000 + upTo(600_000))],
    [10, tick],
    [3, plug],
    [3, link],
    [3, () => end(["local", "limit", "fault"][upTo(3)]!)],
    [2, card],
    [4, cardAnswered],
    [2, late],
    [1, swap],
    [1, () => queue("ReportMeter", { registerWh: device.register })],
  ];
  const total = actions.reduce((sum, [weight]) => sum + weight, 0);
  return {
    rig,
    device,
    told,
    step() {
      let at = upTo(total);
      for (const [weight, run] of actions) {
        if (at < weight) return run();
        at -= weight;
      }
    },
    heal() {
      healed = true;
      transit = [];
      online = true;
      rig.openLink("boot-1", "gw-9");
      drain();
      const settle = (rounds: number) => {
        for (let i = 0; i < rounds; i++) {
          tell();
          gateway();
          cardAnswered();
          if (i % 4 === 0) time(5_000);
          if (i % 9 === 0) tick();
        }
      };
      settle(300);
      time(600_000); // the longest wait: a session whose end is never reported
      settle(100);
    },
  };
}
