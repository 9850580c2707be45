// Holds the links of native piles: boots open them, silence loses them; beats, ticks and facts count only
// under the link's own epoch, and a pile is whoever its subject says, never who its payload says.
import type { Msg } from "@nats-io/nats-core";
import { beat, type BootRequest, deviceFact } from "../../wire/native.ts";
import { tickSignal } from "../../wire/tick.ts";
import { deviceDown, deviceUpAll, pileOfDevice } from "../../wire/subjects.ts";
import { serveDeviceCalls } from "../device-call.ts";
import { linkBook, type LossWhy } from "../link-book.ts";
import { sayOnce } from "../say-once.ts";
import { Boots } from "./boots.ts";
import { answerCallout } from "./callout.ts";
import { decode } from "./decode.ts";
import { NativeLink } from "./link.ts";
import { keyOf, type Sender } from "./orders.ts";
import { telemetryDefaults, type TelemetryDeps, type TelemetrySettings } from "./ports.ts";
import { type FactDesk, takeFact } from "./take-fact.ts";
import { handTick } from "./ticks.ts";
import { type Pile, Voice } from "./voice.ts";

export interface Telemetry {
  /** Piles with a link now. */
  count(): number;
  /** Asks piles that a dead gateway held to boot again, here or elsewhere. */
  invite(piles: Iterable<{ tenant: string; pileId: string }>): void;
  /** Tells the actors that the links are gone; resolves when they know, or after 5 s. */
  stop(): Promise<void>;
}

const STOP_MS_MAX = 5_000;
const ROUND_MS = 1_000;
/** Beats may come this late: the pile's own clock and the way. */
const LATE_MS = 1_000;
/** A clone and its twin must not throw each other out all the time. */
const STALE_AFTER_MS = 30_000;
const AGAIN_AFTER_MS = 2_000;

export function createTelemetry(deps: TelemetryDeps): Telemetry {
  const gateway = new Gateway(deps);
  return {
    count: () => gateway.links.size,
    invite: (piles) => gateway.invite(piles),
    stop: () => gateway.stop(),
  };
}

class Gateway {
  readonly links = new Map<string, NativeLink>();
  readonly #deps: TelemetryDeps;
  readonly #settings: TelemetrySettings;
  readonly #sender: Sender;
  readonly #desk: FactDesk;
  readonly #voice: Voice;
  readonly #boots: Boots;
  readonly #book: ReturnType<typeof linkBook>;
  readonly #speak: ReturnType<typeof sayOnce>;
  readonly #look: ReturnType<typeof sayOnce>;
  readonly #ends: (() => void)[] = [];
  readonly #losing = new Set<Promise<void>>();
  #round: { cancel(): void };
  #stopped = false;

  constructor(deps: TelemetryDeps) {
    this.#deps = deps;
    const settings = this.#settings = { ...telemetryDefaults, ...deps.settings };
    const { clock, directory, gatewayId, log, metrics, bus, devicesConnection: devices } = deps;
    this.#sender = {
      connection: devices,
      platformKey: keyOf(deps.platformKey),
      answerMs: settings.answerMs,
      bytesMax: settings.payloadBytesMax,
      clock,
    };
    this.#speak = sayOnce(clock);
    this.#look = sayOnce(clock, settings.lookMs);
    this.#desk = { ...deps, settings, speak: this.#speak };
    this.#book = linkBook(deps, gatewayId);
    this.#voice = new Voice(deps, this.#speak);
    this.#boots = new Boots(deps, settings, this.#voice, {
      find: (key) => this.links.get(key),
      opened: (pile, boot, linkEpoch) => this.#opened(pile, boot, linkEpoch),
      written: (link) => this.#book.opened(link),
    });
    const find = async (tenant: string, pileId: string, linkEpoch: number) => {
      const key = `${tenant}/${pileId}`;
      if ((this.links.get(key)?.linkEpoch ?? -1) < linkEpoch) await this.#boots.under(key);
      return this.links.get(key);
    };
    const served = serveDeviceCalls({ bus, gatewayId, log, metrics, tracer: deps.tracer, find });
    this.#ends.push(() => served.stop());
    if (deps.calloutConnection && deps.issuerSeed) {
      const callout = { directory, log, metrics, speak: this.#speak };
      const answered = answerCallout(callout, deps.calloutConnection, deps.issuerSeed);
      this.#ends.push(() => answered.stop());
    } else {
      log.warn({ gatewayId }, "no auth callout here: the nats-server must know the piles");
    }
    this.#hear("boot", (pile, message) => this.#boots.take(pile, message), "telemetry-boot");
    this.#hear("beat", (pile, message) => this.#beat(pile, message));
    this.#hear("tick", (pile, message) => this.#tick(pile, message));
    this.#hear("fact", (pile, message) => this.#fact(pile, message));
    this.#round = clock.after(ROUND_MS, () => this.#tend());
    void this.#book.clearLeftovers().then(
      (gone) => this.invite(gone),
      (cause) => log.warn({ gatewayId, cause: String(cause) }, "leftovers could not be cleared"),
    );
  }

  #hear(
    what: "boot" | "beat" | "tick" | "fact",
    take: (pile: Pile, message: Msg) => void,
    queue?: string,
  ): void {
    const subscription = this.#deps.devicesConnection.subscribe(deviceUpAll(what), {
      ...(queue === undefined ? {} : { queue }),
      callback: (error, message) => {
        if (error || this.#stopped) return;
        this.#deps.metrics.count("native_heard", { what });
        const pile = pileOfDevice(message.subject);
        if (!this.#tooFast(pile, what, message)) take(pile, message);
      },
    });
    this.#ends.push(() => subscription.unsubscribe());
  }

  /** More than any pile has to say: not even looked at. */
  #tooFast(pile: Pile, what: string, message: Msg): boolean {
    const link = this.links.get(`${pile.tenant}/${pile.pileId}`);
    if (link === undefined || link.spend(this.#deps.clock.tick())) return false;
    this.#deps.metrics.count("native_too_fast");
    if (what === "fact") {
      this.#voice.answer(pile, message, { error: "overloaded", afterMs: AGAIN_AFTER_MS });
    }
    if (this.#speak(`fast/${pile.tenant}/${pile.pileId}`)) {
      this.#deps.log.warn({ ...pile, what }, "pile says more than it may");
    }
    return true;
  }

  invite(piles: Iterable<Pile>): void {
    for (const { tenant, pileId } of piles) {
      this.#voice.say(deviceDown(tenant, pileId, "ask"), { what: "boot" });
    }
  }

  #opened({ tenant, pileId }: Pile, boot: BootRequest, linkEpoch: number): void {
    const { clock, log, metrics } = this.#deps;
    const key = `${tenant}/${pileId}`;
    const old = this.links.get(key);
    if (old && old.bootId !== boot.bootId && !this.#isSilent(old)) {
      const facts = { alarm: "pile.second-link", tenant, pileId };
      log.warn(facts, "pile booted while its link was live");
      metrics.count("native_second_link");
    }
    const link = new NativeLink(tenant, pileId, linkEpoch, boot, clock.tick(), this.#sender);
    this.links.set(key, link);
    metrics.gauge("native_links", this.links.size);
  }

  // beats, ticks, facts

  #beat(pile: Pile, message: Msg): void {
    const said = decode(beat, message.data, this.#settings.payloadBytesMax);
    if (!said.ok) return this.#voice.malformed(pile, "beat", said);
    this.#held(pile, said.value.linkEpoch);
  }

  #tick(pile: Pile, message: Msg): void {
    const said = decode(tickSignal, message.data, this.#settings.payloadBytesMax);
    if (!said.ok) return this.#voice.malformed(pile, "tick", said);
    const link = this.#held(pile, said.value.linkEpoch);
    if (link) handTick(this.#desk, link, said.value);
  }

  #fact(pile: Pile, message: Msg): void {
    const said = decode(deviceFact, message.data, this.#settings.payloadBytesMax);
    if (!said.ok) {
      this.#voice.malformed(pile, "fact", said);
      if (this.links.has(`${pile.tenant}/${pile.pileId}`)) {
        this.#voice.answer(pile, message, { error: said.code });
      }
      return;
    }
    const link = this.#held(pile, said.value.linkEpoch, message);
    if (!link) return;
    void takeFact(this.#desk, link, said.value).then((answer) => {
      if ("error" in answer && answer.error === "link.gone") this.#forget(link);
      this.#voice.answer(pile, message, answer);
    });
  }

  /** The pile's link where that epoch is its newest; anything else is looked into, not believed. */
  #held(pile: Pile, linkEpoch: number, fact?: Msg): NativeLink | null {
    const link = this.links.get(`${pile.tenant}/${pile.pileId}`);
    if (link === undefined) {
      void this.#orphan(pile, fact);
      return null;
    }
    if (link.linkEpoch === linkEpoch) {
      link.heardAt = this.#deps.clock.tick();
      return link;
    }
    this.#deps.metrics.count("native_stale");
    if (this.#speak(`stale/${pile.tenant}/${pile.pileId}`)) {
      const facts = { alarm: "pile.clone", ...pile, linkEpoch, newest: link.linkEpoch };
      this.#deps.log.warn(facts, "an older link of the pile still speaks");
    }
    if (fact) this.#voice.answer(pile, fact, { error: "link.gone", afterMs: STALE_AFTER_MS });
    return null;
  }

  /** Heard, but not held here: is it another gateway's, or nobody's? Nobody's is asked to boot. */
  async #orphan(pile: Pile, fact?: Msg): Promise<void> {
    const key = `${pile.tenant}/${pile.pileId}`;
    if (this.#boots.under(key) !== undefined || !this.#look(key)) return;
    const shown = await this.#deps.client.read({
      to: { tenant: pile.tenant, kind: "pile", id: pile.pileId },
      name: "show",
      principal: { kind: "device", id: pile.pileId },
    });
    if (!("ok" in shown) || !shown.ok || this.links.has(key)) return;
    const view = shown.body as { presence?: string; gatewayId?: string };
    if (view.presence === "online" && view.gatewayId !== this.#deps.gatewayId) return;
    if (fact) this.#voice.answer(pile, fact, { error: "link.gone", afterMs: 0 });
    this.invite([pile]);
  }

  // silence and the end

  #isSilent(link: NativeLink): boolean {
    const { beatMs, beatsMissedMax } = this.#settings;
    return this.#deps.clock.tick() - link.heardAt > beatMs * beatsMissedMax + LATE_MS;
  }

  #tend(): void {
    if (this.#stopped) return;
    this.#round = this.#deps.clock.after(ROUND_MS, () => this.#tend());
    for (const link of this.links.values()) {
      if (this.#isSilent(link)) {
        this.#deps.metrics.count("native_silent");
        this.#lose(link, "silent");
      } else if (link.isDueForCheck(this.#deps.clock.tick(), this.#settings.checkMs)) {
        void this.#checkWelcome(link);
      }
    }
  }

  /** A pile that was blocked while it was connected: the nats-server does not ask again. */
  async #checkWelcome(link: NativeLink): Promise<void> {
    const barred = await this.#boots.barred(link);
    if (barred === null || "afterMs" in barred) return; // a directory that is away bars nobody
    const { tenant, pileId } = link;
    this.#deps.log.warn({ tenant, pileId, ...barred }, "pile is barred, its link is dropped");
    this.#lose(link, "closed");
  }

  #forget(link: NativeLink): void {
    const key = `${link.tenant}/${link.pileId}`;
    if (this.links.get(key) === link) this.links.delete(key);
    this.#deps.metrics.gauge("native_links", this.links.size);
  }

  #lose(link: NativeLink, why: LossWhy): void {
    this.#forget(link);
    const { gatewayId, log } = this.#deps;
    const { tenant, pileId, linkEpoch } = link;
    const told = this.#book.lost({ gatewayId, tenant, pileId, linkEpoch }, why)
      .catch((cause) => log.error({ pileId, cause: String(cause) }, "loss could not be told"))
      .finally(() => this.#losing.delete(told));
    this.#losing.add(told);
  }

  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#round.cancel();
    for (const end of this.#ends) end();
    const late = new Promise<void>((done) => this.#deps.clock.after(STOP_MS_MAX, done));
    const links = [...this.links.values()];
    await Promise.race([Promise.all(links.map(({ tail }) => tail)), late]);
    for (const link of links) this.#lose(link, "closed");
    await Promise.race([Promise.all(this.#losing), late]);
  }
}
