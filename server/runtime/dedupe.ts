// Was this command seen before? People by the `done` ring, actors by the high-water mark of their
// sender; devices are told apart by the domain itself, the actor's own commands by what they answer.
import type { DoneEntry, Envelope, JournalRecord, Reply } from "../../wire/envelope.ts";
import { type Draft, grown } from "./record.ts";
import { isUrgent, type Limits } from "./limits.ts";

export type Seen =
  | { seen: "new" }
  | { seen: "answered"; reply: Reply }
  /** Still being worked on: its answer comes with a later record. */
  | { seen: "pending" }
  | { seen: "other-body" }
  /** No room to remember it: nothing may be done that could not be answered again. */
  | { seen: "full" };

type Memory = Pick<Draft, "v" | "at" | "done" | "in">;

/** Which of the dedupes guards this command. */
export function guardOf(envelope: Envelope): "done" | "sender" | "domain" {
  switch (envelope.principal.kind) {
    case "device":
      return "domain";
    case "actor":
      return envelope.from ? "sender" : "done";
    case "driver":
    case "ops":
    case "provider":
    case "system":
      return "done";
  }
}

const replayed = (reply: Reply): Reply => "fault" in reply ? reply : { ...reply, replay: true };

export function seenBefore(head: Memory, envelope: Envelope, now: number, limits: Limits): Seen {
  const known = head.done.find((entry) => entry.id === envelope.id);
  if (known) {
    if (known.bodyHash !== envelope.bodyHash) return { seen: "other-body" };
    return known.reply ? { seen: "answered", reply: replayed(known.reply) } : { seen: "pending" };
  }
  switch (guardOf(envelope)) {
    case "domain":
      return { seen: "new" };
    case "sender":
      return seenFromSender(head, envelope, now, limits);
    case "done": {
      const room = limits.done + (isUrgent(envelope.class) ? limits.doneReserve : 0);
      return live(head.done, now, limits) < room ? { seen: "new" } : { seen: "full" };
    }
  }
}

function seenFromSender(head: Memory, envelope: Envelope, now: number, limits: Limits): Seen {
  const { sender, n } = envelope.from!;
  const mark = head.in[sender];
  if (!mark) {
    const full = Object.keys(head.in).length >= limits.senders;
    return full && Object.keys(forgetSenders(head.in, now, limits)).length >= limits.senders
      ? { seen: "full" }
      : { seen: "new" };
  }
  if (n > mark.n) return { seen: "new" };
  if (n === mark.n) return { seen: "answered", reply: replayed(mark.reply) };
  // An older message was answered before the newer one left: only a stray copy asks again.
  return {
    seen: "answered",
    reply: { ok: true, v: head.v, asOf: head.at, body: null, replay: true },
  };
}

const isLive = (entry: DoneEntry, now: number, limits: Limits) =>
  entry.at + limits.doneKeepMs > now;
function live(done: readonly DoneEntry[], now: number, limits: Limits): number {
  const first = done.findIndex((entry) => isLive(entry, now, limits));
  return first < 0 ? 0 : done.length - first;
}

/** The ring with one more entry; what is older than its keeping time goes. */
export function remember(
  done: readonly DoneEntry[],
  entry: DoneEntry,
  limits: Limits,
): DoneEntry[] {
  if (done.length > 0 && !isLive(done[0]!, entry.at, limits)) {
    return [...done.filter((known) => isLive(known, entry.at, limits)), entry];
  }
  const ring = [...done, entry];
  grown(done, ring);
  return ring;
}

type Senders = JournalRecord["in"];
/** The marks without those that may be forgotten: closed ones, and silent ones where there are many. */
export function forgetSenders(senders: Senders, at: number, limits: Limits): Senders {
  const many = Object.keys(senders).length >= limits.sendersKept;
  return Object.fromEntries(
    Object.entries(senders).filter(([, mark]) => {
      if (mark.last && mark.at + limits.senderLastKeepMs <= at) return false;
      return !(many && mark.at + limits.senderKeepMs <= at);
    }),
  );
}
