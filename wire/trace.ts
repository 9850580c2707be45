// A W3C traceparent as it travels in envelopes, records and headers: `00-<trace>-<span>-<flags>`.

/** Name of the header in HTTP and NATS. */
export const TRACEPARENT = "traceparent";
const FORM = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})$/;
const SAMPLED = 1;

/** The text itself where it is one. */
export const traceparentIn = (text: string | null | undefined): string | undefined =>
  text !== null && text !== undefined && FORM.test(text) ? text : undefined;

/** What people are shown and logs are searched by; records of earlier releases hold it bare. */
export const traceIdOf = (trace: string): string => FORM.exec(trace)?.[1] ?? trace;

/** Does somebody draw this trace? */
export function isDrawn(trace: string): boolean {
  return (Number.parseInt(FORM.exec(trace)?.[2] ?? "0", 16) & SAMPLED) !== 0;
}
