// Draws what a request causes, over all actors and nodes, by OpenTelemetry. Deno itself carries the
// spans to whoever collects them (OTEL_DENO=true, OTEL_EXPORTER_OTLP_ENDPOINT). docs/tracing.md
import { randomBytes } from "node:crypto";
import {
  context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace as otel,
  TraceFlags,
} from "@opentelemetry/api";
import { isDrawn } from "../wire/trace.ts";
import type { Tracer } from "./ports.ts";

/** By the first word of the name; what is not here happens inside of its parent. */
const KINDS: Readonly<Record<string, SpanKind>> = {
  GET: SpanKind.SERVER,
  POST: SpanKind.SERVER,
  PUT: SpanKind.SERVER,
  DELETE: SpanKind.SERVER,
  turn: SpanKind.SERVER,
  gateway: SpanKind.SERVER,
  fact: SpanKind.SERVER,
  tell: SpanKind.CLIENT,
  call: SpanKind.CLIENT,
  pile: SpanKind.CLIENT,
  socket: SpanKind.PRODUCER,
};
const kindOf = (name: string): SpanKind =>
  KINDS[name.slice(0, name.indexOf(" "))] ?? SpanKind.INTERNAL;

/** A trace of our own making; `share` of them (0 to 1) is drawn. */
export function newTrace(share: number, random: () => number): string {
  const flags = share > 0 && random() < share ? "01" : "00";
  return `00-${randomBytes(16).toString("hex")}-${randomBytes(8).toString("hex")}-${flags}`;
}

const traceOf = (span: Span): string => {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`;
};
const nobodyNotes = (): void => {};

export function otelTracer(): Tracer {
  const tracer = otel.getTracer("chargeward");
  return {
    span(name, trace, facts, run) {
      if (!isDrawn(trace)) return run(trace, nobodyNotes);
      const [, traceId = "", spanId = ""] = trace.split("-");
      const parent = { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true };
      const above = otel.setSpanContext(ROOT_CONTEXT, parent);
      const span = tracer.startSpan(name, { kind: kindOf(name), attributes: facts }, above);
      return context.with(otel.setSpan(above, span), async () => {
        try {
          return await run(traceOf(span), (more) => void span.setAttributes(more));
        } catch (error) {
          span.setStatus({ code: SpanStatusCode.ERROR, message: String(error) });
          throw error;
        } finally {
          span.end();
        }
      });
    },
  };
}
