// How operators see all processes at once: each answers a question on the bus with its report, and who
// asks also keeps when it last heard each node's heartbeat.
import * as z from "zod";
import { type NodeSeen, type ProcessReport, processReport } from "../wire/report.ts";
import { heartbeatAll, reportAnswer, reportQuestion } from "../wire/subjects.ts";
import type { Bus, Clock, Log } from "./ports.ts";

export interface NodeWatch {
  /** Every process that answers in time, and nodes that are known to have been there. */
  look(): Promise<NodeSeen[]>;
  stop(): void;
}

/** On one machine they answer within a few ms; a page is not kept waiting for a dead one. */
const ANSWER_MS = 300;
/** A node that died is shown for so long, one that said goodbye not at all. */
const REMEMBERED_MS = 10 * 60_000;

const question = z.object({ token: z.string().max(64) });
const beat = z.object({ node: z.string(), leaving: z.boolean().optional() });

/** Answers whoever asks. */
export function answerReports(
  { bus, log }: { bus: Bus; log: Log },
  report: () => ProcessReport,
): { stop(): void } {
  return bus.subscribe(reportQuestion, ({ data }) => {
    const asked = question.safeParse(data);
    if (!asked.success) return log.warn({}, "no question for a report");
    bus.publish(reportAnswer(asked.data.token), report());
  });
}

export function watchNodes(
  { bus, clock, freshId }: { bus: Bus; clock: Clock; freshId: () => string },
): NodeWatch {
  const heardAt = new Map<string, number>();
  /** Who answered last time: when they all have, nobody waits for more. */
  let expected = new Set<string>();
  const beats = bus.subscribe(heartbeatAll, ({ data }) => {
    const heard = beat.safeParse(data);
    if (!heard.success) return;
    if (heard.data.leaving) heardAt.delete(heard.data.node);
    else heardAt.set(heard.data.node, clock.tick());
  });

  async function reports(): Promise<Map<string, ProcessReport>> {
    const found = new Map<string, ProcessReport>();
    const token = freshId();
    const wanted = new Set([...expected, ...heardAt.keys()]);
    await new Promise<void>((done) => {
      const end = () => {
        late.cancel();
        answers.stop();
        done();
      };
      const late = clock.after(ANSWER_MS, end);
      const answers = bus.subscribe(reportAnswer(token), ({ data }) => {
        const report = processReport.safeParse(data);
        if (!report.success) return;
        found.set(report.data.node, report.data);
        if (expected.size > 0 && [...wanted].every((node) => found.has(node))) end();
      });
      bus.publish(reportQuestion, { token });
    });
    expected = new Set(found.keys());
    return found;
  }

  function heardMs(node: string): number | null {
    const at = heardAt.get(node);
    return at === undefined ? null : Math.max(0, clock.tick() - at);
  }
  return {
    async look() {
      const found = await reports();
      for (const [node, at] of heardAt) {
        if (clock.tick() - at > REMEMBERED_MS) heardAt.delete(node);
      }
      return [...new Set([...heardAt.keys(), ...found.keys()])].sort()
        .map((node) => ({ node, heardMs: heardMs(node), report: found.get(node) ?? null }));
    },
    stop: () => beats.stop(),
  };
}
