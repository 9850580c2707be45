// `npm run engine`: builds the fast SecantusDB (Rust) into the cache once, for machines that no
// official MongoDB can be had on. Takes about four minutes and needs cargo; nothing needs it.
import { join } from "node:path";
import { alone, exists, findMongo, thisMachine, which } from "../server/engines/mod.ts";

const PACKAGE = "secantus-mdb";
const VERSION = "0.5.3-beta.193";
const PROGRAM = "secantusd-rs";

const machine = thisMachine();
const target = join(machine.cacheDir, "bin", PROGRAM);

async function build(): Promise<void> {
  if (exists(target)) return console.log(`already there: ${target}`);
  const cargo = which("cargo", machine.path);
  if (cargo === null) {
    console.error("cargo is not on PATH: install Rust (rustup), then run `npm run engine` again");
    Deno.exit(1);
  }
  const folder = join(machine.cacheDir, `${PACKAGE}-build`);
  const args = ["install", PACKAGE, "--version", VERSION, "--ignore-rust-version"];
  const { success } = await new Deno.Command(cargo, { args: [...args, "--root", folder] }).spawn()
    .status;
  if (!success) {
    console.error(`${PACKAGE} ${VERSION} could not be built: see cargo's lines above`);
    Deno.exit(1);
  }
  await Deno.rename(join(folder, "bin", PROGRAM), target);
  await Deno.remove(folder, { recursive: true });
}

await Deno.mkdir(join(machine.cacheDir, "bin"), { recursive: true });
await alone(`${target}.lock`, build);
const { kind, version, source } = await findMongo();
console.log(`a start would now use ${kind} ${version} (${source})`);
