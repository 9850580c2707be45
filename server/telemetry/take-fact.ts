// A fact of a native pile to its actor, in the pile's own order, answered only once it is recorded.
import type * as z from "zod";
import type { DeviceFact, factAnswer } from "../../wire/native.ts";
import { askAgain } from "../ask-again.ts";
import type { sayOnce } from "../say-once.ts";
import { type Card, commandOf } from "./facts.ts";
import type { NativeLink } from "./link.ts";
import type { TelemetryDeps, TelemetrySettings } from "./ports.ts";

export interface FactDesk extends TelemetryDeps {
  settings: TelemetrySettings;
  speak: ReturnType<typeof sayOnce>;
}
export type FactAnswer = z.infer<typeof factAnswer>;

const AGAIN_AFTER_MS = 1_000;
const again = (error: string): FactAnswer => ({ error, afterMs: AGAIN_AFTER_MS });
/** Tags that the platform itself hands out belong to orders, not to cards. */
const isOrderTag = (tag: string) => tag.startsWith("CW");

export function takeFact(
  desk: FactDesk,
  link: NativeLink,
  fact: DeviceFact,
): Promise<FactAnswer> {
  if (link.facts >= desk.settings.factsMax) return Promise.resolve(again("overloaded"));
  link.facts += 1;
  const taken = link.tail.then(() => tell(desk, link, fact)).catch((cause) => {
    desk.log.error({ pileId: link.pileId, cause: String(cause) }, "fact failed");
    return again("unavailable");
  }).finally(() => link.facts -= 1);
  link.tail = taken.then(() => {});
  return taken;
}

/** What a charge comes to belongs to the trace of what was last ordered there. */
const CHARGE = new Set<DeviceFact["kind"]>(["charging", "stopped", "ended", "limit-reached"]);

async function tell(desk: FactDesk, link: NativeLink, fact: DeviceFact): Promise<FactAnswer> {
  const { tracer } = desk;
  const trace = CHARGE.has(fact.kind) ? link.traces.get(fact.connector) : undefined;
  if (!tracer || trace === undefined) return await told(desk, link, fact, trace);
  const facts = { "pile.id": link.pileId, "fact.seq": fact.seq };
  return await tracer.span(`fact ${fact.kind}`, trace, facts, (own) => told(desk, link, fact, own));
}

async function told(
  desk: FactDesk,
  link: NativeLink,
  fact: DeviceFact,
  trace: string | undefined,
): Promise<FactAnswer> {
  const { tenant, pileId, linkEpoch, bootId } = link;
  const { type, body } = commandOf(fact, await cardFor(desk, tenant, fact));
  const reply = await askAgain(desk, {
    // each delivery is a command of its own: the actor knows repeats by the sequence
    id: `native:${pileId}:${linkEpoch}:${++link.told}`,
    to: { tenant, kind: "pile", id: pileId },
    type,
    body: { linkEpoch, fact: { bootId, seq: fact.seq }, ...body },
    principal: { kind: "device", id: pileId },
    ttlMs: desk.settings.recordMs,
    ...(trace === undefined ? {} : { trace }),
  }, desk.settings.recordMs);
  if (reply === null) return again("unavailable");
  if (reply.ok) return { ok: true, seq: fact.seq };
  const { code, facts } = reply.refusal;
  desk.metrics.count("native_facts_refused", { kind: fact.kind, code });
  if (code === "fact.gap" && typeof facts["expect"] === "number") {
    return { expect: facts["expect"] };
  }
  if (code === "pile.link-stale") return { error: "link.gone", afterMs: 0 };
  if (desk.speak(`fact/${tenant}/${pileId}/${code}`)) {
    desk.log.warn({ tenant, pileId, kind: fact.kind, code, facts }, "fact is refused");
  }
  return { error: code };
}

async function cardFor(
  { directory }: FactDesk,
  tenant: string,
  fact: DeviceFact,
): Promise<Card | undefined> {
  if (fact.kind !== "charging") return undefined;
  const { idTag } = fact.data;
  if (idTag === undefined || isOrderTag(idTag)) return undefined;
  const cards = await directory.bucket<NonNullable<Card>>("idtags", { hot: true });
  return (await cards.get(`${tenant}/${idTag}`))?.value ?? null;
}
