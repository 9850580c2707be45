// The number under a pile's QR code: eight digits from the pile's id, the next where it is taken.
import { createHash } from "node:crypto";
import type { Directory } from "../ports.ts";

const DIGITS = 8; // 10^8 numbers: a person can type them, 10,000 piles rarely meet
const TRIES = 100;

/** The same pile gets the same number, whoever asks and how often. */
export async function claimCode(
  directory: Directory,
  tenant: string,
  pileId: string,
): Promise<string> {
  const bucket = await directory.bucket<{ pileId: string }>("codes", { hot: true });
  for (let n = 0; n < TRIES; n++) {
    const hash = createHash("sha256").update(`${tenant}|${pileId}|${n}`).digest();
    const code = String(hash.readUIntBE(0, 6) % 10 ** DIGITS).padStart(DIGITS, "0");
    const key = `${tenant}/${code}`;
    if (await bucket.create(key, { pileId }) !== null) return code;
    if ((await bucket.get(key))?.value.pileId === pileId) return code;
  }
  throw new CodesExhausted(`no number left for pile '${pileId}': ${TRIES} tried`);
}

export class CodesExhausted extends Error {
  override readonly name = "CodesExhausted";
}
