// What the gateway says back to a pile: only into the pile's own inbox, and what it says of a pile's
// nonsense.
import type { Msg } from "@nats-io/nats-core";
import type * as z from "zod";
import type { bootAnswer, bootRefused, factAnswer } from "../../wire/native.ts";
import { deviceInbox } from "../../wire/subjects.ts";
import type { sayOnce } from "../say-once.ts";
import type { TelemetryDeps } from "./ports.ts";

export interface Pile {
  tenant: string;
  pileId: string;
}
export type BootReply = z.infer<typeof bootAnswer> | z.infer<typeof bootRefused>;
export type FactReply = z.infer<typeof factAnswer>;

export class Voice {
  constructor(readonly deps: TelemetryDeps, readonly speak: ReturnType<typeof sayOnce>) {}

  /** A reply subject is whatever its sender likes, and we may publish everywhere: so it is checked. */
  answer({ tenant, pileId }: Pile, message: Msg, answer: BootReply | FactReply): void {
    const { log, metrics } = this.deps;
    if (message.reply === undefined || message.reply === "") return;
    if (message.reply.startsWith(`${deviceInbox(tenant, pileId)}.`)) {
      return this.say(message.reply, answer);
    }
    metrics.count("native_foreign_inbox");
    if (!this.speak(`inbox/${tenant}/${pileId}`)) return;
    const facts = { alarm: "pile.foreign-inbox", tenant, pileId, reply: message.reply };
    log.warn(facts, "pile wants its answer elsewhere than in its inbox");
  }

  /** A connection that is going away says nothing: the pile asks again. */
  say(subject: string, body: unknown): void {
    try {
      this.deps.devicesConnection.publish(subject, JSON.stringify(body));
    } catch (cause) {
      this.deps.log.debug({ subject, cause: String(cause) }, "not said");
    }
  }

  malformed(pile: Pile, what: string, { code, issue }: { code: string; issue: string }): void {
    this.deps.metrics.count("native_malformed", { what, code });
    if (!this.speak(`malformed/${pile.tenant}/${pile.pileId}`)) return;
    this.deps.log.warn({ ...pile, what, code, issue }, "pile says nonsense");
  }
}
