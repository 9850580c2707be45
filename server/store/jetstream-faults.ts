// What the server's refusals mean for a record: surely not done, or maybe done.
import { JournalFault } from "../runtime/mod.ts";

/** The error part of a publish acknowledgement. */
export interface AckError {
  code: number;
  err_code?: number;
  description?: string;
}

const WRONG_LAST_SEQUENCE = 10071;
const STORE_REFUSED = 10077; // by its limits; the description says which
const TOO_LARGE = 10054;
const NO_RESOURCES = [10023, 10047]; // insufficient resources, insufficient storage

export function faultOf({ code, err_code, description = "" }: AckError): JournalFault {
  const words = `${description} (${err_code ?? code})`;
  switch (err_code) {
    case WRONG_LAST_SEQUENCE:
      return new JournalFault("wrong-sequence", words);
    case STORE_REFUSED:
      return new JournalFault(
        description.includes("per subject") ? "subject-full" : "stream-full",
        words,
      );
    case TOO_LARGE:
      return new JournalFault("too-large", words);
    case undefined: // no code of JetStream's own: 503
      return new JournalFault("transient", words);
  }
  if (NO_RESOURCES.includes(err_code)) {
    return new JournalFault("stream-full", words);
  }
  return new JournalFault("transient", words); // 10158, 10164 and what no release had yet
}
