// Official releases over the network: short to fail, checked against the published sum, and the one
// program wanted is taken out of the archive. A failure is remembered for an hour, for fast starts.
import { basename, dirname, join } from "node:path";
import { EngineFault, exists, isExecutable, runToEnd, writeWhole } from "./machine.ts";
import type { Say } from "./search.ts";

/** One program inside one published archive. */
export interface Release {
  /** Named in messages. */
  readonly name: string;
  readonly archiveUrl: string;
  /** A text that holds the sha256 of the archive, alone or on the line that ends in its name. */
  readonly sumUrl: string;
  /** The program's file name inside the archive. */
  readonly program: string;
}

const ANSWER_MS_MAX = 3_000; // a blocked network must not hold up a start
const BODY_MS_MAX = 300_000; // 150 MB at 0.5 MB/s
const FAILED_FRESH_MS = 3_600_000;

/** Brings the program to `target` and says so; null when it failed less than an hour ago. */
export async function fetchOfficial(
  release: Release,
  target: string,
  say: Say,
): Promise<string | null> {
  const failure = `${target}.failed`;
  if (await failedLately(failure)) return null;
  await Deno.mkdir(dirname(target), { recursive: true });
  const work = await Deno.makeTempDir({ dir: dirname(target), prefix: "fetch-" });
  try {
    say(`${release.name}: fetching the official release ...`);
    await unpack(release, await download(release, work), work, target);
    return target;
  } catch (cause) {
    await writeWhole(failure, new Date().toISOString());
    if (cause instanceof EngineFault) throw cause;
    throw new EngineFault(`${release.name}: no download: ${reason(cause)}`, "later", cause);
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

async function failedLately(failure: string): Promise<boolean> {
  if (!exists(failure)) return false;
  return Date.now() - Date.parse(await Deno.readTextFile(failure)) < FAILED_FRESH_MS;
}

async function download(release: Release, folder: string): Promise<string> {
  const sums = await (await answer(release.sumUrl)).text();
  const archive = join(folder, basename(new URL(release.archiveUrl).pathname));
  const response = await answer(release.archiveUrl);
  const bytes = new Uint8Array(await response.arrayBuffer());
  const sum = hex(await crypto.subtle.digest("SHA-256", bytes));
  if (publishedSum(sums, basename(archive)) !== sum) {
    throw new EngineFault(`${release.name}: refused: the download's sha256 is "${sum}"`, "never");
  }
  await Deno.writeFile(archive, bytes);
  return archive;
}

/** Waits a few seconds for the headers, then minutes for the body. */
async function answer(url: string): Promise<Response> {
  const stop = new AbortController();
  const timer = setTimeout(
    () => stop.abort(new DOMException("no answer in 3 s", "TimeoutError")),
    ANSWER_MS_MAX,
  );
  const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(BODY_MS_MAX)]);
  try {
    const response = await fetch(url, { signal });
    if (response.ok) return response;
    await response.body?.cancel();
    throw new EngineFault(`${new URL(url).hostname} answered ${response.status}`, "later");
  } finally {
    clearTimeout(timer);
  }
}

/** The sum for a file in the text of a sum file; null when it names none. */
export function publishedSum(text: string, file: string): string | null {
  const lines = text.trim().split("\n");
  const line = lines.find((one) => one.trim().endsWith(file)) ??
    (lines.length === 1 ? lines[0] : "");
  return /\b[0-9a-f]{64}\b/.exec(line ?? "")?.[0] ?? null;
}

async function unpack(release: Release, archive: string, folder: string, target: string) {
  const { ok, text } = await runToEnd("tar", ["-xzf", archive, "-C", folder], { limitMs: 60_000 });
  if (!ok) throw new EngineFault(`${release.name}: could not unpack: ${text.trim()}`, "never");
  const found = findFile(folder, release.program);
  if (found === null) throw new EngineFault(`${release.name}: no program inside`, "never");
  await Deno.chmod(found, 0o755);
  await Deno.rename(found, target);
}

/** The first executable of that name under a folder. */
export function findFile(folder: string, name: string): string | null {
  for (const entry of Deno.readDirSync(folder)) {
    const path = join(folder, entry.name);
    const found = entry.isDirectory ? findFile(path, name) : null;
    if (found !== null) return found;
    if (entry.name === name && isExecutable(path)) return path;
  }
  return null;
}

function hex(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The innermost cause in one line: "fetch failed" alone tells nobody anything. */
function reason(cause: unknown): string {
  let inner = cause;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  const text = inner instanceof Error ? inner.message : String(inner);
  const short = text.replace(/ for url \([^)]*\)/, "").split("\n")[0] ?? "unknown";
  return short.slice(0, 160);
}
