// Routes `npm run bench|faults|campaign|evidence|drill|sim` to the program that does it, with the rest of the
// command line; a program that is not in this tree yet is said so in one line.
import { exists } from "../server/engines/mod.ts";

/** Each command's program, and the arguments that it always gets. */
const PROGRAMS: Readonly<Record<string, readonly [script: string, ...always: string[]]>> = {
  bench: ["bench/main.ts"],
  faults: ["test/faults/main.ts"],
  campaign: ["test/simulation/main.ts"],
  drill: ["drills/main.ts"],
  evidence: ["test/evidence/main.ts"],
  sim: ["sim/main.ts"],
};

const [command = "", ...rest] = Deno.args;
const program = PROGRAMS[command];
if (program === undefined) {
  console.error(`no command "${command}": choose of ${Object.keys(PROGRAMS).join(", ")}`);
  Deno.exit(1);
}
const [script, ...always] = program;
if (!exists(script)) {
  console.error(`npm run ${command}: not in this tree yet: ${script}`);
  Deno.exit(1);
}
const child = new Deno.Command(Deno.execPath(), {
  args: ["run", "-A", script, ...always, ...rest],
  stdin: "inherit", // `npm run sim -- pile` takes orders
}).spawn();
const pass = (signal: Deno.Signal) => {
  try {
    child.kill(signal);
  } catch {
    // it ended by itself a moment ago
  }
};
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(signal, () => pass(signal));
}
const { code } = await child.status;
Deno.exit(code);
