// Door of notices: hands what actors say to the driver's inbox (an actor of its own), and carries each
// notice out by one way to one target when the inbox calls for it.
import type { Address } from "../../wire/envelope.ts";
import { noticeCall, type WayCall, wayCall } from "../../wire/inbox.ts";
import type { Notice } from "../../wire/live.ts";
import type { Way } from "../../wire/notice.ts";
import type { Safeguard } from "../../wire/safeguards.ts";
import type { Client, Clock, Directory, Log, Metrics } from "../ports.ts";
import { type Reach, type SendBy, type Sent, sent, unsent } from "./ways.ts";
import { bareText, noticeText } from "./words.ts";

export { mayPushTo, newPushKeys, PUSH_HOSTS, pushWay } from "./push.ts";
export { type MailPort, mailWay, sandboxPost, type SmsPort, smsWay, smtpMail } from "./sms.ts";
export type { PushSubscription, Reach } from "./ways.ts";

export interface NotifyDeps {
  client: Client;
  directory: Directory;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  /** Opens how a person is reached; null: nobody knows this person. */
  reachOf(tenant: string, userId: string): Promise<Reach | null>;
  /** A device whose push service ended it. */
  forgetDevice(tenant: string, userId: string, deviceId: string): Promise<void>;
  /** A way that is not set reaches nobody. */
  ways: Partial<Record<Way, SendBy>>;
  /** What a drill has switched off for that person (demo only). */
  without?(userId: string): ReadonlySet<Safeguard>;
}
type PortAnswer = { ok: true; body: unknown } | {
  ok: false;
  refusal: { code: string; facts: Record<string, unknown> };
};
interface PortCall {
  id: string;
  body: Record<string, unknown>;
}
export interface Notify {
  /** Handler of the port "notify"; the same call twice is one notice. */
  port(call: PortCall): Promise<PortAnswer>;
  /** Handler of the port "way"; the same call twice is one message. */
  way(call: PortCall): Promise<PortAnswer>;
  /** Notices that no page has acknowledged yet, newest last. */
  pending(tenant: string, userId: string): Promise<Notice[]>;
  ack(tenant: string, userId: string, id: string): Promise<void>;
}

/** The inbox cannot be reached: whoever told the notice tells it again. */
class InboxAway extends Error {
  override readonly name = "InboxAway";
}
const MALFORMED: PortAnswer = { ok: false, refusal: { code: "command.malformed", facts: {} } };
const inboxOf = (tenant: string, id: string): Address => ({ tenant, kind: "inbox", id });
const SENT_MS = 3 * 24 * 3_600_000; // longer than any call is repeated

export async function createNotify(deps: NotifyDeps): Promise<Notify> {
  const { client, metrics } = deps;
  const done = await deps.directory.bucket<true>("notices-sent", { ttlMs: SENT_MS });
  return {
    async port({ id, body }) {
      const call = noticeCall.safeParse(body);
      if (!call.success) return MALFORMED;
      const { tenant, userId, code, facts } = call.data;
      const take = (id: string) =>
        client.ask({
          id,
          to: inboxOf(tenant, userId),
          type: "TakeNotice",
          body: { id, code, facts },
          principal: { kind: "system", id: "notify" },
        });
      const off = offFor(deps, userId);
      if (off.has("notice.within-5s")) await asABatch(deps.clock);
      if (off.has("notice.once")) await take(`${id}|again`); // the outbox may call twice
      const reply = await take(id);
      if ("fault" in reply) throw new InboxAway(`notice not taken: ${reply.fault.code}`);
      if (!reply.ok) return { ok: false, refusal: reply.refusal };
      if (!reply.replay) metrics.count("notices", { code });
      return { ok: true, body: null };
    },
    async way({ body }) {
      const call = wayCall.safeParse(body);
      if (!call.success) return MALFORMED;
      const key = `${call.data.id}|${call.data.target}`;
      if (await done.get(`${call.data.tenant}/${key}`)) return { ok: true, body: null };
      const came = await carry(deps, call.data, key);
      tell(deps, call.data, came);
      if (!came.ok) {
        return { ok: false, refusal: { code: came.code, facts: { why: came.why.slice(0, 200) } } };
      }
      await done.put(`${call.data.tenant}/${key}`, true);
      return { ok: true, body: null };
    },
    async pending(tenant, userId) {
      const reply = await client.read({
        to: inboxOf(tenant, userId),
        name: "pending",
        principal: { kind: "driver", id: userId },
      });
      return reply.ok ? reply.body as Notice[] : [];
    },
    async ack(tenant, userId, id) {
      await client.ask({
        id: `ack|${id}`.slice(0, 200),
        to: inboxOf(tenant, userId),
        type: "AckNotice",
        body: { id },
        principal: { kind: "driver", id: userId },
      });
    },
  };
}

const offFor = ({ without }: NotifyDeps, userId: string): ReadonlySet<Safeguard> =>
  without?.(userId) ?? new Set();
const BATCH_MS = 6_000;
/** As whoever sends what has gathered from time to time. */
const asABatch = (clock: Clock) => new Promise<void>((go) => clock.after(BATCH_MS, go));

async function carry(deps: NotifyDeps, call: WayCall, key: string): Promise<Sent> {
  const { tenant, userId, target, id, code, facts } = call;
  const [way = "", deviceId = ""] = target.split("/");
  const send = deps.ways[way as Way];
  if (!send) return unsent("way.nobody", "this way is not set");
  if (code === "") return unsent("way.refused", "the notice left the inbox");
  const off = offFor(deps, userId);
  if (off.has(way === "push" ? "notice.push" : "notice.sms-inbox")) return sent; // so it says
  const reach = await reachIn(deps, tenant, userId);
  if ("ok" in reach) return reach;
  const text = off.has("notice.reason-and-next")
    ? bareText(facts, reach.language)
    : noticeText({ code, facts }, reach.language);
  const came = await send(reach, { tenant, key, id, code, ...text }, deviceId);
  if (!came.ok && came.code === "way.gone") await deps.forgetDevice(tenant, userId, deviceId);
  return came.ok ? sent : came;
}

async function reachIn(deps: NotifyDeps, tenant: string, userId: string): Promise<Reach | Sent> {
  try {
    return await deps.reachOf(tenant, userId) ?? unsent("way.nobody", "nobody knows this person");
  } catch (error) {
    return unsent("way.failed", String(error));
  }
}

function tell({ metrics, log, clock }: NotifyDeps, { target, code, at }: WayCall, came: Sent) {
  const way = target.split("/")[0]!;
  metrics.count("notice_sends", { way, outcome: came.ok ? "sent" : came.code });
  if (came.ok) metrics.observe("notice_send_ms", clock.now() - at, { way });
  else log.warn({ way, code, why: came.why, outcome: came.code }, "notice not sent");
}
