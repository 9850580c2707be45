// Calls of actors to a pile: how the host reaches the gateway that holds the link (`deviceHandler`), and
// how a gateway serves them (`serveDeviceCalls`): once per id, never for an older link.
import { linkSubject } from "../wire/subjects.ts";
import { type DeviceCall, deviceCall, type DeviceOutcome } from "../wire/pile.ts";
import type { Refusal } from "../wire/envelope.ts";
import { TRACEPARENT, traceparentIn } from "../wire/trace.ts";
import type { Bus, BusMessage, Clock, Log, Metrics, Tracer } from "./ports.ts";

export type PortAnswer = { ok: true; body: unknown } | { ok: false; refusal: Refusal };
export type DeviceAnswer = { ok: true; body: DeviceOutcome } | { ok: false; refusal: Refusal };
export type PileOrder = DeviceCall["command"];

/** The gateway asks the pile for up to 10 s; the rest is the way there and back. */
const ANSWER_MS_MAX = 12_000;
/** Nobody at that gateway's subject answers at once; a silent gateway uses up the time. */
const NOBODY_SHARE = 0.9;
/** As many as a native pile remembers itself. */
const KNOWN_MAX = 256;

const refused = (code: string, facts: Record<string, unknown> = {}) =>
  ({ ok: false, refusal: { code, facts } }) as const;

/** Handler of the runtime's port "device". */
export function deviceHandler(
  bus: Bus,
  clock: Clock,
  deadlineMs = ANSWER_MS_MAX,
): (call: unknown, trace?: string) => Promise<PortAnswer> {
  return async (call, trace) => {
    const parsed = deviceCall.safeParse(call);
    if (!parsed.success) return refused("command.malformed", { issue: issueOf(parsed.error) });
    const from = clock.tick();
    const headers = trace === undefined ? undefined : { [TRACEPARENT]: trace };
    const to = linkSubject(parsed.data.gatewayId);
    const answer = await bus.request(to, parsed.data, deadlineMs, headers);
    if (answer !== null) return isAnswer(answer) ? answer : refused("outcome.unknown");
    const spent = clock.tick() - from;
    return refused(spent < deadlineMs * NOBODY_SHARE ? "link.gone" : "outcome.unknown");
  };
}

function isAnswer(answer: unknown): answer is PortAnswer {
  if (typeof answer !== "object" || answer === null || !("ok" in answer)) return false;
  return answer.ok === true ? "body" in answer : answer.ok === false && "refusal" in answer;
}

/** What a gateway remembers of one link's orders; `late` replaces an unknown outcome. */
export interface Remembered {
  known: Map<string, Promise<DeviceAnswer>>;
}
/** By connector: the trace of what was last ordered there, to which the pile's reports belong. */
export type Traces = Map<number, string>;
export interface DeviceLink extends Remembered {
  readonly linkEpoch: number;
  /** Pile itself tells a repeat: an order of unknown outcome may be sent to it again. */
  readonly repeatable: boolean;
  readonly traces: Traces;
  /** `late` may be called with the true outcome after `outcome.unknown` was answered. */
  perform(
    order: PileOrder,
    late: (answer: DeviceAnswer) => void,
    trace?: string,
  ): Promise<DeviceAnswer>;
}

export function serveDeviceCalls(deps: {
  bus: Bus;
  gatewayId: string;
  log: Log;
  metrics: Metrics;
  tracer?: Tracer | undefined;
  /** A link that is just being opened may be waited for: its actor is quicker than our own news. */
  find(
    tenant: string,
    pileId: string,
    linkEpoch: number,
  ): DeviceLink | undefined | Promise<DeviceLink | undefined>;
}): { stop(): void } {
  return deps.bus.subscribe(linkSubject(deps.gatewayId), (message) => {
    void served(deps, message).then((answer) => message.reply?.(answer));
  });
}
type ServeDeps = Parameters<typeof serveDeviceCalls>[0];

async function served(deps: ServeDeps, { data, header }: BusMessage): Promise<DeviceAnswer> {
  const parsed = deviceCall.safeParse(data);
  if (!parsed.success) return refused("command.malformed", { issue: issueOf(parsed.error) });
  const call = parsed.data;
  const trace = traceparentIn(header?.(TRACEPARENT));
  if (!deps.tracer || trace === undefined) return await serve(deps, call, trace);
  const facts = { "pile.id": call.pileId, "gateway": deps.gatewayId, "link.epoch": call.linkEpoch };
  return await deps.tracer.span(
    `gateway ${call.command.kind}`,
    trace,
    facts,
    (own) => serve(deps, call, own),
  );
}

async function serve(
  deps: ServeDeps,
  call: DeviceCall,
  trace: string | undefined,
): Promise<DeviceAnswer> {
  try {
    const link = await deps.find(call.tenant, call.pileId, call.linkEpoch);
    if (link === undefined || link.linkEpoch !== call.linkEpoch) {
      deps.metrics.count("device_calls", { kind: call.command.kind, outcome: "link.gone" });
      return refused("link.gone", link === undefined ? {} : { linkEpoch: link.linkEpoch });
    }
    const { command } = call;
    const connector = "connector" in command ? command.connector : undefined;
    if (trace !== undefined && connector !== undefined) link.traces.set(connector, trace);
    const answer = await once(tracedLink(link, deps.tracer, trace), command);
    const outcome = answer.ok ? answer.body.outcome : answer.refusal.code;
    deps.metrics.count("device_calls", { kind: call.command.kind, outcome });
    return answer;
  } catch (cause) {
    deps.log.error({ pile: call.pileId, command: call.command.id, cause: String(cause) }, "order");
    return refused("outcome.unknown");
  }
}

/** The same link, with the way to the pile and back drawn under the trace. */
function tracedLink(
  link: DeviceLink,
  tracer: Tracer | undefined,
  trace: string | undefined,
): Performer {
  const { known, repeatable } = link;
  const perform: Performer["perform"] = (order, late) => {
    if (!tracer || trace === undefined) return link.perform(order, late, trace);
    return tracer.span(`pile ${order.kind}`, trace, {}, async (own, note) => {
      const answer = await link.perform(order, late, own);
      note({ outcome: answer.ok ? answer.body.outcome : answer.refusal.code });
      return answer;
    });
  };
  return { known, repeatable, perform };
}
type Performer = Pick<DeviceLink, "known" | "repeatable" | "perform">;

/** Again is as good as once: a stop goes on until nothing runs, a question wants to know of now. */
const always = (order: PileOrder) => order.kind === "stop" || order.kind === "ask";

/** The first call performs the order; any other with its id gets what that one came to. */
export async function once(link: Performer, order: PileOrder): Promise<DeviceAnswer> {
  if (always(order)) return await link.perform(order, () => {});
  const before = link.known.get(order.id);
  if (before !== undefined) {
    const answer = await before;
    if (answer.ok) return { ok: true, body: repeated(answer.body) };
    if (!link.repeatable) return answer;
  }
  const first = link.perform(order, (late) => link.known.set(order.id, Promise.resolve(late)));
  remember(link, order.id, first);
  try {
    return await first;
  } catch (cause) {
    link.known.delete(order.id);
    throw cause;
  }
}

export function remember(link: Remembered, id: string, answer: Promise<DeviceAnswer>): void {
  link.known.delete(id);
  link.known.set(id, answer);
  if (link.known.size <= KNOWN_MAX) return;
  for (const oldest of link.known.keys()) {
    link.known.delete(oldest);
    return;
  }
}

const repeated = (body: DeviceOutcome): DeviceOutcome => ({
  ...body,
  outcome: "known",
  code: body.outcome === "known" ? body.code : body.outcome,
});

const issueOf = (error: { issues: { path: PropertyKey[]; message: string }[] }): string => {
  const first = error.issues[0];
  return first === undefined ? "" : `${first.path.map(String).join(".")}: ${first.message}`;
};
