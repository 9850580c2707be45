import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fetchOfficial, publishedSum } from "./fetch-official.ts";
import { isExecutable, runToEnd } from "./machine.ts";

let dir: string;
let server: Deno.HttpServer<Deno.NetAddr>;
let serve: (path: string) => Response | Promise<Response>;
const said: string[] = [];

beforeEach(async () => {
  dir = await Deno.makeTempDir();
  said.length = 0;
  const options = { port: 0, hostname: "127.0.0.1", onListen: () => {} };
  server = Deno.serve(options, (request) => serve(new URL(request.url).pathname));
});
afterEach(async () => {
  await server.shutdown();
  await Deno.remove(dir, { recursive: true });
});

function fetchIt(): Promise<string | null> {
  const base = `http://127.0.0.1:${server.addr.port}`;
  const urls = { archiveUrl: `${base}/engine-1.tar.gz`, sumUrl: `${base}/SHA256SUMS` };
  const release = { name: "engine", program: "engine", ...urls };
  return fetchOfficial(release, join(dir, "bin", "engine-1"), (line) => said.push(line));
}

async function archive(): Promise<{ bytes: Uint8Array<ArrayBuffer>; sum: string }> {
  await Deno.mkdir(join(dir, "engine-1"));
  await Deno.writeTextFile(join(dir, "engine-1", "engine"), "#!/bin/sh\necho 1", { mode: 0o755 });
  const file = join(dir, "engine-1.tar.gz");
  await runToEnd("tar", ["-czf", file, "-C", dir, "engine-1"], { limitMs: 10_000 });
  const bytes = await Deno.readFile(file);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return { bytes, sum: [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("") };
}

test("a release whose sum fits becomes a program in the cache", async () => {
  const { bytes, sum } = await archive();
  serve = (path) =>
    new Response(
      path.endsWith("SUMS") ? `${"0".repeat(64)} other\n${sum}  engine-1.tar.gz` : bytes,
    );
  const program = await fetchIt();
  expect(program).not.toBeNull();
  expect(isExecutable(program ?? "")).toBe(true);
});

test("a release whose sum does not fit is refused and leaves nothing", async () => {
  const { bytes } = await archive();
  serve = (path) => new Response(path.endsWith("SUMS") ? "0".repeat(64) : bytes);
  await expect(fetchIt()).rejects.toThrow(/engine: refused: the download's sha256/);
  expect(isExecutable(join(dir, "bin", "engine-1"))).toBe(false);
  const left = [...Deno.readDirSync(join(dir, "bin"))].map(({ name }) => name);
  expect(left).toEqual(["engine-1.failed"]);
});

test("a failure says why, and the next start does not try again", async () => {
  serve = () => new Response("", { status: 403 });
  await expect(fetchIt()).rejects.toThrow("127.0.0.1 answered 403");
  serve = () => new Response("unused");
  expect(await fetchIt()).toBeNull();
  expect(said).toHaveLength(1);
});

test("a server that never answers fails within seconds", async () => {
  const silence = Promise.withResolvers<Response>();
  serve = () => silence.promise;
  const before = performance.now();
  await expect(fetchIt()).rejects.toThrow("no answer in 3 s");
  expect(performance.now() - before).toBeLessThan(6_000);
  silence.resolve(new Response());
});

test.each([
  ["alone", "ab".repeat(32), "ab".repeat(32)],
  ["beside the name", `${"cd".repeat(32)}  engine-1.tar.gz\n`, "cd".repeat(32)],
  ["of another file only", `${"cd".repeat(32)}  a.zip\n${"ef".repeat(32)}  b.zip`, null],
])("a published sum %s is read", (_where, text, expected) => {
  expect(publishedSum(text, "engine-1.tar.gz")).toBe(expected);
});
