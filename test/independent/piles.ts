// Starts an independent pile as a program of its own and talks to it line by line.
import { join } from "node:path";

const here = import.meta.dirname ?? ".";
const ANSWER_MS_MAX = 20_000;

export interface Told {
  readonly event: string;
  readonly [detail: string]: unknown;
}

/** What is needed to run one of the two. */
export interface IndependentPlan {
  readonly url: string;
  readonly id: string;
  readonly password: string;
  readonly powerW?: number;
  readonly meterMs?: number;
}

export class IndependentPile {
  readonly told: Told[] = [];
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  #wake: (() => void)[] = [];
  #over = false;

  private constructor(command: string, args: readonly string[], plan: IndependentPlan) {
    const { url, id, password, powerW = 7_200, meterMs = 1_000 } = plan;
    const own = ["--url", url, "--id", id, `--password=${password}`]; // it may begin with a dash
    const meter = ["--power-w", String(powerW), "--meter-ms", String(meterMs)];
    this.#child = new Deno.Command(command, {
      args: [...args, ...own, ...meter],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    void this.#listen();
  }

  static ocppRpc(plan: IndependentPlan): IndependentPile {
    return new IndependentPile(
      Deno.execPath(),
      ["run", "-A", join(here, "ocpp-rpc-pile.mjs")],
      plan,
    );
  }

  /** `python`: the interpreter of a venv with requirements.txt installed. */
  static python(python: string, plan: IndependentPlan): IndependentPile {
    return new IndependentPile(python, ["-u", join(here, "python-pile.py")], plan);
  }

  async #listen(): Promise<void> {
    let rest = "";
    for await (const chunk of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.told.push(JSON.parse(line) as Told);
      for (const wake of this.#wake.splice(0)) wake();
    }
    this.#over = true;
    for (const wake of this.#wake.splice(0)) wake();
  }

  async do(order: string, more: Record<string, unknown> = {}): Promise<void> {
    const line = `${JSON.stringify({ do: order, ...more })}\n`;
    await this.#input.write(new TextEncoder().encode(line));
  }

  /** The nth report of this kind (1 is the first), once it was told. */
  async until(event: string, nth = 1): Promise<Told> {
    const limit = AbortSignal.timeout(ANSWER_MS_MAX);
    for (;;) {
      const found = this.told.filter((told) => told.event === event)[nth - 1];
      if (found !== undefined) return found;
      if (this.#over || limit.aborted) {
        const last = JSON.stringify(this.told.slice(-5));
        throw new Error(`the pile did not tell '${event}' ${nth} times; last: ${last}`);
      }
      await new Promise<void>((wake) => {
        this.#wake.push(wake);
        limit.addEventListener("abort", () => wake(), { once: true });
      });
    }
  }

  async exit(): Promise<void> {
    await this.do("exit").catch(() => {}); // it may be gone already
    await this.#input.close().catch(() => {});
    await this.#child.status;
  }
}

/** A Python with the pinned packages, from the cache or made there; null and one line: cannot be. */
export async function independentPython(
  cacheDir: string,
  say: (line: string) => void,
): Promise<string | null> {
  const venv = join(cacheDir, "independent-pile");
  const python = join(venv, "bin", "python");
  const run = async (command: string, ...args: string[]) => {
    const { success, stderr } = await new Deno.Command(command, {
      args,
      stdout: "null",
      stderr: "piped",
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr).trim().split("\n").at(-1));
  };
  try {
    await run(python, "-c", "import ocpp, websockets").catch(async () => {
      await run("python3", "-m", "venv", "--clear", venv);
      await run(python, "-m", "pip", "install", "-q", "-r", join(here, "requirements.txt"));
    });
    return python;
  } catch (error) {
    say(`no independent Python pile: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
}
