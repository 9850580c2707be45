// Holds the links of native piles: boots open them, silence loses them; beats, ticks and facts count only
// under the link's own epoch, and a pile is whoever its subject says, never who its payload says.
import { randomUUID } from "node:crypto";
import type { Msg } from "@nats-io/nats-core";
import type * as z from "zod";
import {
  beat,
  bootAnswer,
  bootRefused,
  type BootRequest,
  bootRequest,
  deviceFact,
  factAnswer,
} from "../../wire/native.ts";
import { tickSignal } from "../../wire/pile.ts";
import { deviceDown, deviceInbox, deviceUpAll, pileOfDevice } from "../../wire/subjects.ts";
import { askAgain } from "../ask-again.ts";
import { serveDeviceCalls } from "../device-call.ts";
import { linkBook, type LossWhy } from "../link-book.ts";
import { PILE_AUTH, type PileAuth, pileAuthKey } from "../pile-keys.ts";
import type { Bucket } from "../ports.ts";
import { sayOnce } from "../say-once.ts";
import { answerCallout } from "./callout.ts";
import { decode } from "./decode.ts";
import { type FactDesk, takeFact } from "./take-fact.ts";
import { NativeLink } from "./link.ts";
import { keyOf, type Sender } from "./orders.ts";
import { telemetryDefaults, type TelemetryDeps, type TelemetrySettings } from "./ports.ts";
import { handTick } from "./ticks.ts";

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
type Pile = { tenant: string; pileId: string };
type BootReply = z.infer<typeof bootAnswer> | z.infer<typeof bootRefused>;

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
  readonly #auths: Promise<Bucket<PileAuth>>;
  readonly #book: ReturnType<typeof linkBook>;
  readonly #speak: ReturnType<typeof sayOnce>;
  readonly #look: ReturnType<typeof sayOnce>;
  readonly #ends: (() => void)[] = [];
  readonly #losing = new Set<Promise<void>>();
  /** Boots of one pile, one after the other. */
  readonly #booting = new Map<string, Promise<void>>();
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
      now: () => clock.now(),
    };
    this.#speak = sayOnce(clock);
    this.#look = sayOnce(clock, settings.lookMs);
    this.#desk = { ...deps, settings, speak: this.#speak };
    this.#auths = directory.bucket<PileAuth>(PILE_AUTH, { hot: true });
    this.#book = linkBook(deps, gatewayId);
    const find = async (tenant: string, pileId: string, linkEpoch: number) => {
      const key = `${tenant}/${pileId}`;
      if ((this.links.get(key)?.linkEpoch ?? -1) < linkEpoch) await this.#booting.get(key);
      return this.links.get(key);
    };
    const served = serveDeviceCalls({ bus, gatewayId, log, metrics, find });
    this.#ends.push(() => served.stop());
    if (deps.calloutConnection && deps.issuerSeed) {
      const callout = { directory, log, metrics, speak: this.#speak };
      const answered = answerCallout(callout, deps.calloutConnection, deps.issuerSeed);
      this.#ends.push(() => answered.stop());
    } else {log.warn(
        { gatewayId },
        "no auth callout here: the nats-server must know the piles itself",
      );}
    this.#hear("boot", (pile, message) => this.#boot(pile, message), "telemetry-boot");
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
        take(pileOfDevice(message.subject), message);
      },
    });
    this.#ends.push(() => subscription.unsubscribe());
  }

  invite(piles: Iterable<Pile>): void {
    for (const { tenant, pileId } of piles) {
      const text = JSON.stringify({ what: "boot" });
      this.#deps.devicesConnection.publish(deviceDown(tenant, pileId, "ask"), text);
    }
  }

  // boot

  #boot(pile: Pile, message: Msg): void {
    const key = `${pile.tenant}/${pile.pileId}`;
    const before = this.#booting.get(key) ?? Promise.resolve();
    const mine = before.then(() => this.#open(pile, message)).catch((cause) => {
      this.#deps.log.error({ ...pile, cause: String(cause) }, "boot failed");
    }).finally(() => {
      if (this.#booting.get(key) === mine) this.#booting.delete(key);
    });
    this.#booting.set(key, mine);
  }

  async #open(pile: Pile, message: Msg): Promise<void> {
    const { clock, gatewayId } = this.#deps;
    const refuse = (reply: BootReply) => this.#answer(pile, message, reply);
    const boot = decode(bootRequest, message.data, this.#settings.payloadBytesMax);
    if (!boot.ok) {
      this.#malformed(pile, "boot", boot);
      return refuse({ error: "boot.malformed" });
    }
    const barred = await this.#barred(pile);
    if (barred !== null) return refuse(barred);
    const told = await this.#tellOpen(pile, boot.value);
    if (told === null) return refuse({ error: "unavailable", afterMs: AGAIN_AFTER_MS });
    if (!told.ok) return refuse({ error: told.refusal.code });
    const { linkEpoch, lastSeq } = told.body as { linkEpoch: number; lastSeq: number };
    const { beatMs, tickMs } = this.#settings;
    const serverTime = clock.now();
    // Orders of the actor wait until now: the pile knows its epoch before the first of them.
    this.#answer(pile, message, { serverTime, linkEpoch, beatMs, tickMs, nextSeq: lastSeq + 1 });
    this.#opened(pile, boot.value, linkEpoch);
    await this.#book.opened({ gatewayId, ...pile, linkEpoch });
  }

  #tellOpen({ tenant, pileId }: Pile, { bootId, model, firmware }: BootRequest) {
    const { gatewayId } = this.#deps;
    return askAgain(this.#deps, {
      id: `open:${gatewayId}:${randomUUID()}`,
      to: { tenant, kind: "pile", id: pileId },
      type: "OpenLink",
      body: { gatewayId, lane: "native", bootId, model, firmware },
      principal: { kind: "device", id: pileId },
    }, this.#settings.openMs);
  }

  #opened(pile: Pile, boot: BootRequest, linkEpoch: number): void {
    const { clock, log, metrics } = this.#deps;
    const { tenant, pileId } = pile;
    const key = `${tenant}/${pileId}`;
    const old = this.links.get(key);
    if (old && old.bootId !== boot.bootId && !this.#isSilent(old)) {
      log.warn({ alarm: "pile.second-link", ...pile }, "pile booted while its link was live");
      metrics.count("native_second_link");
    }
    const link = new NativeLink(tenant, pileId, linkEpoch, boot, clock.tick(), this.#sender);
    this.links.set(key, link);
    metrics.gauge("native_links", this.links.size);
  }

  /** A pile that was blocked after it signed in; null: it may. */
  async #barred({ tenant, pileId }: Pile): Promise<BootReply | null> {
    try {
      const auth = (await (await this.#auths).get(pileAuthKey(tenant, pileId)))?.value;
      if (auth?.lane !== "native") return { error: "pile.unknown" };
      return auth.blocked === true ? { error: "pile.blocked" } : null;
    } catch {
      return { error: "unavailable", afterMs: AGAIN_AFTER_MS };
    }
  }

  // beats, ticks, facts

  #beat(pile: Pile, message: Msg): void {
    const said = decode(beat, message.data, this.#settings.payloadBytesMax);
    if (!said.ok) return this.#malformed(pile, "beat", said);
    this.#held(pile, said.value.linkEpoch);
  }

  #tick(pile: Pile, message: Msg): void {
    const said = decode(tickSignal, message.data, this.#settings.payloadBytesMax);
    if (!said.ok) return this.#malformed(pile, "tick", said);
    const link = this.#held(pile, said.value.linkEpoch);
    if (link) handTick(this.#desk, link, said.value);
  }

  #fact(pile: Pile, message: Msg): void {
    const said = decode(deviceFact, message.data, this.#settings.payloadBytesMax);
    if (!said.ok) {
      this.#malformed(pile, "fact", said);
      if (this.links.has(`${pile.tenant}/${pile.pileId}`)) {
        this.#answer(pile, message, { error: said.code });
      }
      return;
    }
    const link = this.#held(pile, said.value.linkEpoch, message);
    if (!link) return;
    void takeFact(this.#desk, link, said.value).then((answer) => {
      if ("error" in answer && answer.error === "link.gone") this.#forget(link);
      this.#answer(pile, message, answer);
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
    if (fact) this.#answer(pile, fact, { error: "pile.link-stale", afterMs: STALE_AFTER_MS });
    return null;
  }

  /** Heard, but not held here: is it another gateway's, or nobody's? Nobody's is asked to boot. */
  async #orphan(pile: Pile, fact?: Msg): Promise<void> {
    const key = `${pile.tenant}/${pile.pileId}`;
    if (this.#booting.has(key) || !this.#look(key)) return;
    const shown = await this.#deps.client.read({
      to: { tenant: pile.tenant, kind: "pile", id: pile.pileId },
      name: "show",
      principal: { kind: "device", id: pile.pileId },
    });
    if (!("ok" in shown) || !shown.ok || this.links.has(key)) return;
    const view = shown.body as { presence?: string; gatewayId?: string };
    if (view.presence === "online" && view.gatewayId !== this.#deps.gatewayId) return;
    if (fact) this.#answer(pile, fact, { error: "link.gone", afterMs: 0 });
    this.invite([pile]);
  }

  #malformed(pile: Pile, what: string, said: { code: string; issue: string }): void {
    this.#deps.metrics.count("native_malformed", { what, code: said.code });
    if (!this.#speak(`malformed/${pile.tenant}/${pile.pileId}`)) return;
    this.#deps.log.warn(
      { ...pile, what, code: said.code, issue: said.issue },
      "pile says nonsense",
    );
  }

  /** Only into the pile's own inbox: a reply subject is what the sender likes, and we may say all. */
  #answer(
    { tenant, pileId }: Pile,
    message: Msg,
    answer: z.infer<typeof factAnswer> | BootReply,
  ): void {
    if (message.reply === undefined || message.reply === "") return;
    if (!message.reply.startsWith(`${deviceInbox(tenant, pileId)}.`)) {
      this.#deps.metrics.count("native_foreign_inbox");
      if (!this.#speak(`inbox/${tenant}/${pileId}`)) return;
      const facts = { alarm: "pile.foreign-inbox", tenant, pileId, reply: message.reply };
      return this.#deps.log.warn(facts, "pile wants its answer elsewhere than in its inbox");
    }
    this.#deps.devicesConnection.publish(message.reply, JSON.stringify(answer));
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
      if (!this.#isSilent(link)) continue;
      this.#deps.metrics.count("native_silent");
      this.#lose(link, "silent");
    }
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
