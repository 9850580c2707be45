// JSON of strangers: half a surrogate pair is a letter that no record can hold (it has no RFC 8785 form),
// so it becomes U+FFFD where it comes in.

const halfPair = /\\u[dD][89a-fA-F]|[\uD800-\uDFFF]/;

/** As JSON.parse, which throws on what is none; every text in it can be written down. */
export function parseJson(text: string): unknown {
  if (!halfPair.test(text)) return JSON.parse(text);
  return JSON.parse(text.toWellFormed(), (_key, value: unknown) => (
    typeof value === "string" ? value.toWellFormed() : value
  ));
}
