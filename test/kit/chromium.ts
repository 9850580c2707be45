// The browser of the browser tests: Chromium on PATH, else the one that npm brings, unpacked once
// into the cache together with the libraries that a bare machine lacks.
import { dirname, join, resolve } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { alone, exists, thisMachine, which } from "../../server/engines/mod.ts";

export interface FoundChromium {
  readonly executablePath: string;
  readonly source: "PATH" | "npm";
  /** Added to the browser's environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** What a machine without screen, GPU or outside network needs. */
export const CHROMIUM_ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--headless",
  "--disable-background-networking",
  "--no-first-run",
  "--disable-component-update",
  "--disable-sync",
] as const;

const ROOT = resolve(import.meta.dirname ?? ".", "../..");
const NAMES = ["chromium", "chromium-browser", "google-chrome"] as const;

/** Finds a Chromium; takes 2 s the first time on a machine that has none, nothing later. */
export async function findChromium(): Promise<FoundChromium> {
  const machine = thisMachine();
  for (const name of NAMES) {
    const executablePath = which(name, machine.path);
    if (executablePath !== null) return { executablePath, source: "PATH", env: {} };
  }
  const folder = join(machine.cacheDir, `chromium-${await packageVersion()}`);
  await Deno.mkdir(machine.cacheDir, { recursive: true });
  await alone(`${folder}.lock`, () => unpack(folder));
  const executablePath = join(folder, "chromium");
  const env = { FONTCONFIG_FILE: await fontsIn(folder), ...libraries(executablePath) };
  return { executablePath, source: "npm", env };
}

/** Starts the browser; close it in the same test: `await using browser = await openBrowser()`. */
export async function openBrowser(): Promise<Browser & AsyncDisposable> {
  const { executablePath, env } = await findChromium();
  const args = [...CHROMIUM_ARGS];
  return await chromium.launch({ executablePath, args, env: { ...Deno.env.toObject(), ...env } });
}

async function packageVersion(): Promise<string> {
  const file = join(ROOT, "node_modules", "@sparticuz", "chromium", "package.json");
  return JSON.parse(await Deno.readTextFile(file)).version;
}

/** Unpacks beside, then renames: a folder that is there is whole. */
async function unpack(folder: string): Promise<void> {
  if (exists(folder)) return;
  const fresh = `${folder}.new`;
  await Deno.remove(fresh, { recursive: true }).catch(() => {});
  await Deno.mkdir(fresh);
  const script = "await (await import('@sparticuz/chromium')).default.executablePath()";
  const run = await new Deno.Command(Deno.execPath(), {
    args: ["eval", script],
    cwd: ROOT,
    // the package unpacks into TMPDIR, and its libraries only where it believes itself on Lambda
    env: { TMPDIR: fresh, AWS_EXECUTION_ENV: "AWS_Lambda_nodejs22.x" },
    stdout: "null",
  }).output();
  if (!run.success) throw new Error(new TextDecoder().decode(run.stderr));
  await Deno.rename(fresh, folder);
}

/** The package's own list of fonts knows only folders of Lambda; a browser without any font dies. */
async function fontsIn(folder: string): Promise<string> {
  const file = join(folder, "fonts", "here.conf");
  const [own, cache] = [join(folder, "fonts", "fonts"), join(folder, "fonts", "cache")];
  await Deno.writeTextFile(
    file,
    `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>${own}</dir><cachedir>${cache}</cachedir></fontconfig>
`,
  );
  return file;
}

/** The package's own libraries, where the system lacks one that the browser needs. */
function libraries(executablePath: string): Record<string, string> {
  const { success, stdout } = new Deno.Command("ldd", { args: [executablePath] }).outputSync();
  const complete = success && !new TextDecoder().decode(stdout).includes("not found");
  const folder = join(dirname(executablePath), "al2023", "lib");
  return complete || !exists(folder) ? {} : { LD_LIBRARY_PATH: folder };
}
