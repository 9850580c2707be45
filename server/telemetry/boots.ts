// Boots of native piles: each opens a link at the pile's actor, at most one of a pile at a time.
import { randomUUID } from "node:crypto";
import type { Msg } from "@nats-io/nats-core";
import { type BootRequest, bootRequest } from "../../wire/native.ts";
import { askAgain } from "../ask-again.ts";
import type { HeldLink } from "../link-book.ts";
import { PILE_AUTH, type PileAuth, pileAuthKey } from "../pile-keys.ts";
import { decode } from "./decode.ts";
import type { NativeLink } from "./link.ts";
import type { TelemetryDeps, TelemetrySettings } from "./ports.ts";
import type { BootReply, Pile, Voice } from "./voice.ts";

/** As often as an impatient pile asks while its first boot is under way. */
const ASKED_MAX = 8;
const AGAIN_AFTER_MS = 2_000;
const later = (error: string): BootReply => ({ error, afterMs: AGAIN_AFTER_MS });

interface Booting {
  bootId: string;
  /** All are answered alike. */
  messages: Msg[];
  done: Promise<void>;
}
interface Links {
  find(key: string): NativeLink | undefined;
  opened(pile: Pile, boot: BootRequest, linkEpoch: number): void;
  written(link: HeldLink): Promise<void>;
}

export class Boots {
  readonly #booting = new Map<string, Booting>();

  constructor(
    readonly deps: TelemetryDeps,
    readonly settings: TelemetrySettings,
    readonly voice: Voice,
    readonly links: Links,
  ) {}

  /** Resolves when the boot that is under way is answered; undefined: none is. */
  under(key: string): Promise<void> | undefined {
    return this.#booting.get(key)?.done;
  }

  take(pile: Pile, message: Msg): void {
    const refuse = (reply: BootReply) => this.voice.answer(pile, message, reply);
    const boot = decode(bootRequest, message.data, this.settings.payloadBytesMax);
    if (!boot.ok) {
      this.voice.malformed(pile, "boot", boot);
      return refuse({ error: "boot.malformed" });
    }
    const key = `${pile.tenant}/${pile.pileId}`;
    const open = this.#booting.get(key);
    // Asked again while the first is under way: one record answers both.
    if (open?.bootId === boot.value.bootId && open.messages.length < ASKED_MAX) {
      return void open.messages.push(message);
    }
    const openedAt = this.links.find(key)?.openedAt ?? -Infinity;
    const soon = this.deps.clock.tick() - openedAt < this.settings.bootGapMs;
    if (open !== undefined || soon) return refuse(later("overloaded"));
    const messages = [message];
    const done = this.#open(pile, boot.value, messages).catch((cause) => {
      this.deps.log.error({ ...pile, cause: String(cause) }, "boot failed");
    }).finally(() => this.#booting.delete(key));
    this.#booting.set(key, { bootId: boot.value.bootId, messages, done });
  }

  async #open(pile: Pile, boot: BootRequest, messages: readonly Msg[]): Promise<void> {
    const { clock, gatewayId } = this.deps;
    const answer = (reply: BootReply) => {
      for (const message of messages) this.voice.answer(pile, message, reply);
    };
    const barred = await this.barred(pile);
    if (barred !== null) return answer(barred);
    const told = await this.#tell(pile, boot);
    if (told === null) return answer(later("unavailable"));
    if (!told.ok) return answer({ error: told.refusal.code });
    const { linkEpoch, lastSeq } = told.body as { linkEpoch: number; lastSeq: number };
    const { beatMs, tickMs } = this.settings;
    const serverTime = clock.now();
    // Orders of the actor wait until now: the pile is told its epoch before the first of them.
    answer({ serverTime, linkEpoch, beatMs, tickMs, nextSeq: lastSeq + 1 });
    this.links.opened(pile, boot, linkEpoch);
    await this.links.written({ gatewayId, ...pile, linkEpoch });
  }

  #tell({ tenant, pileId }: Pile, { bootId, model, firmware }: BootRequest) {
    const { gatewayId } = this.deps;
    return askAgain(this.deps, {
      id: `open:${gatewayId}:${randomUUID()}`,
      to: { tenant, kind: "pile", id: pileId },
      type: "OpenLink",
      body: { gatewayId, lane: "native", bootId, model, firmware },
      principal: { kind: "device", id: pileId },
    }, this.settings.openMs);
  }

  /** A pile that was blocked after it signed in, or is none; null: it may. */
  async barred({ tenant, pileId }: Pile): Promise<BootReply | null> {
    try {
      const auths = await this.deps.directory.bucket<PileAuth>(PILE_AUTH, { hot: true });
      const auth = (await auths.get(pileAuthKey(tenant, pileId)))?.value;
      if (auth?.lane !== "native") return { error: "pile.unknown" };
      return auth.blocked === true ? { error: "pile.blocked" } : null;
    } catch {
      return later("unavailable");
    }
  }
}
