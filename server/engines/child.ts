// Starts a program that cannot outlive us: a small shell watches a pipe that only we hold open, and
// ends the program when the pipe closes, however this process died. Output goes to a log file.
import { dirname } from "node:path";
import { EngineFault } from "./machine.ts";

/** How a program is started. */
export interface ChildPlan {
  /** Named in messages. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly logFile: string;
  readonly cwd?: string;
  readonly env?: Record<string, string>;
  /** True: the program sees `env` alone, not this process's environment. */
  readonly clearEnv?: boolean;
  /** How long it may take to end by itself, after SIGTERM, before it is killed. */
  readonly graceMs?: number;
}

export interface Child {
  readonly name: string;
  /** The program's own process id, not the watching shell's. */
  readonly pid: number;
  readonly logFile: string;
  /** Settles when the program ended: its exit code, 128 + n when signal n ended it. */
  readonly exited: Promise<number>;
  /** SIGTERM, then SIGKILL when the grace is over; settles when the program is gone. */
  stop(): Promise<number>;
  /** SIGKILL; settles when the program is gone. */
  kill(): Promise<number>;
  /** Any signal, such as SIGSTOP in a drill; false when the program is gone already. */
  signal(signal: Deno.Signal): boolean;
  /** The end of its log, for a message that says why it died. */
  lastLines(count: number): Promise<string[]>;
}

const GRACE_MS = 8_000; // a server drains its sockets in 5 s at most

// $1 log file, $2 grace in tenths of a second, then the program. `read` ends when our pipe closes.
const GUARD = `log=$1; grace=$2; shift 2; exec 3<&0
"$@" </dev/null >>"$log" 2>&1 3<&- &
child=$!
echo $child
exec >/dev/null 2>&1
(
  while read -r _ <&3; do :; done
  kill -TERM $child
  while kill -0 $child && [ $grace -gt 0 ]; do sleep 0.1; grace=$((grace - 1)); done
  kill -KILL $child
) &
guard=$!
exec 3<&-
wait $child
code=$?
kill -KILL $guard
exit $code`;

/** Starts the program and gives it back as soon as it has a process id. */
export async function startChild(plan: ChildPlan): Promise<Child> {
  await Deno.mkdir(dirname(plan.logFile), { recursive: true });
  const graceMs = plan.graceMs ?? GRACE_MS;
  const shell = new Deno.Command("/bin/sh", {
    args: ["-c", GUARD, "guard", plan.logFile, String(graceMs / 100), plan.command, ...plan.args],
    ...(plan.cwd === undefined ? {} : { cwd: plan.cwd }),
    env: plan.env ?? {},
    clearEnv: plan.clearEnv ?? false,
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
    detached: true, // a session of its own: Ctrl-C reaches us alone, and we stop things in order
  }).spawn();
  const pid = Number(await firstLine(shell.stdout));
  if (!(pid > 0)) throw new EngineFault(`could not start ${plan.name}: no process id`, "later");
  const pipe = shell.stdin;
  const exited = shell.status.then(async ({ code }) => {
    await pipe.close().catch(() => {}); // the shell is gone: closing may find the pipe broken
    return code;
  });
  return handle(plan, pid, exited, graceMs);
}

function handle(plan: ChildPlan, pid: number, exited: Promise<number>, graceMs: number): Child {
  let gone = false;
  void exited.then(() => gone = true);
  const signal = (name: Deno.Signal) => {
    if (gone) return false;
    try {
      Deno.kill(pid, name);
      return true;
    } catch (cause) {
      if (cause instanceof Deno.errors.NotFound) return false;
      throw cause;
    }
  };
  return {
    name: plan.name,
    pid,
    logFile: plan.logFile,
    exited,
    signal,
    async stop() {
      signal("SIGTERM");
      const timer = setTimeout(() => signal("SIGKILL"), graceMs);
      const code = await exited;
      clearTimeout(timer);
      return code;
    },
    kill() {
      signal("SIGKILL");
      return exited;
    },
    lastLines: (count) => lastLines(plan.logFile, count),
  };
}

/** The end of a text file; no file is no lines. */
export async function lastLines(file: string, count: number): Promise<string[]> {
  try {
    return (await Deno.readTextFile(file)).trimEnd().split("\n").slice(-count);
  } catch {
    return [];
  }
}

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.includes("\n")) break;
  }
  return text.split("\n")[0] ?? "";
}
