// Values of KV buckets as they come back: JSON, or damaged. A damaged one is not "not there": whoever
// asks for it gets a fault, so nobody is let in, and nothing is made anew, because of it.

/** The stored value is no JSON: not written by us, or damaged. */
export class UnreadableValue extends Error {
  override readonly name = "UnreadableValue";
}
const UNREADABLE = Symbol("unreadable");
export type Readable<T> = T | typeof UNREADABLE;

/** Never throws: one bad value must not end the following of its bucket. */
export function readValue<T>(bytes: Uint8Array): Readable<T> {
  try {
    return JSON.parse(utf8.decode(bytes)) as T;
  } catch {
    return UNREADABLE;
  }
}
const utf8 = new TextDecoder("utf-8", { fatal: true });

export const isReadable = <T>(value: Readable<T>): value is T => value !== UNREADABLE;

export function valueOrFault<T>(value: Readable<T>, key: string): T {
  if (isReadable(value)) return value;
  throw new UnreadableValue(`stored value cannot be read: '${key.slice(0, 120)}'`);
}
