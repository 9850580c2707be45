// The whole suite in order; its last line is "N passed, N failed".
const run = await new Deno.Command(Deno.execPath(), {
  args: ["run", "-A", "node_modules/vitest/vitest.mjs", "run", "--passWithNoTests"],
  stdin: "null",
}).output();
await Deno.stdout.write(run.stdout);
await Deno.stderr.write(run.stderr);
console.log(run.success ? "1 passed, 0 failed" : "0 passed, 1 failed");
Deno.exit(run.success ? 0 : 1);
