// Whoever collects traces, for tests: takes OTLP over HTTP as JSON and keeps the spans.
import { freePort } from "../../server/engines/mod.ts";

export interface SeenSpan {
  traceId: string;
  spanId: string;
  parentSpanId: string;
  name: string;
  /** OpenTelemetry's number: 2 server, 3 client, 4 producer. */
  kind: number;
  facts: Record<string, string>;
  /** Of whom it was told (OTEL_SERVICE_NAME). */
  service: string;
}
export interface Collector {
  url: string;
  spans: SeenSpan[];
  of(traceId: string): SeenSpan[];
  stop(): Promise<void>;
}

interface Attribute {
  key: string;
  value: Record<string, unknown>;
}
interface SentSpan {
  traceId: string;
  spanId: string;
  /** Empty: a root. */
  parentSpanId: string;
  name: string;
  kind: number;
  attributes: Attribute[];
}
interface Sent {
  resourceSpans: {
    resource: { attributes: Attribute[] };
    scopeSpans: { scope: { name: string }; spans: SentSpan[] }[];
  }[];
}
const factsOf = (attributes: readonly Attribute[]) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, String(Object.values(value)[0])]));

export function collectTraces(): Collector {
  const spans: SeenSpan[] = [];
  const port = freePort();
  const server = Deno.serve({ port, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    const body = await request.text();
    if (new URL(request.url).pathname === "/v1/traces") take(JSON.parse(body) as Sent, spans);
    return Response.json({});
  });
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    of: (traceId) => spans.filter((span) => span.traceId === traceId),
    stop: () => server.shutdown(),
  };
}

function take({ resourceSpans }: Sent, into: SeenSpan[]): void {
  for (const { resource, scopeSpans } of resourceSpans) {
    const service = factsOf(resource.attributes)["service.name"] ?? "";
    for (const { spans } of scopeSpans.filter(({ scope }) => scope.name === "chargeward")) {
      into.push(...spans.map((span) => spanOf(span, service)));
    }
  }
}

function spanOf({ attributes, ...span }: SentSpan, service: string): SeenSpan {
  const { traceId, spanId, parentSpanId, name, kind } = span;
  return { service, traceId, spanId, parentSpanId, name, kind, facts: factsOf(attributes) };
}

/** What a process must be told to send its spans there, soon. */
export const tracedEnv = (url: string, service: string): Record<string, string> => ({
  OTEL_DENO: "true",
  OTEL_SERVICE_NAME: service,
  OTEL_EXPORTER_OTLP_ENDPOINT: url,
  OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
  OTEL_BSP_SCHEDULE_DELAY: "200",
});
