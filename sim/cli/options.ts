// The command line's options: read, checked and explained in one place.
import { parseArgs, type ParseArgsOptionsConfig } from "node:util";

/** The command line is wrong: said with the usage, exit code 2. */
export class UsageFault extends Error {
  override readonly name = "UsageFault";
}

export interface Options {
  text(name: string): string;
  maybe(name: string): string | undefined;
  number(name: string): number;
  flag(name: string): boolean;
}

/** Takes `--name value` and `--flag`; unknown names are refused. */
export function readOptions(args: string[], config: ParseArgsOptionsConfig): Options {
  let values: Record<string, string | boolean | (string | boolean)[] | undefined>;
  try {
    values = parseArgs({ args, options: config }).values;
  } catch (error) {
    throw new UsageFault(error instanceof Error ? error.message : String(error));
  }
  const maybe = (name: string) => {
    const value = values[name];
    return typeof value === "string" ? value : undefined;
  };
  const text = (name: string) => {
    const value = maybe(name);
    if (value === undefined) throw new UsageFault(`--${name} is missing`);
    return value;
  };
  return {
    maybe,
    text,
    number(name) {
      const value = Number(text(name));
      if (!Number.isFinite(value)) throw new UsageFault(`--${name} is not a number`);
      return value;
    },
    flag: (name) => values[name] === true,
  };
}

/** The environment, read by the main file alone. */
export type Env = (name: string) => string | undefined;

/** Lines for people, or one JSON object a line for programs. */
export type Say = (event: string, facts?: Record<string, unknown>) => void;

export function speaker(json: boolean): Say {
  return (event, facts = {}) => {
    if (json) return console.log(JSON.stringify({ event, ...facts }));
    const rest = Object.entries(facts).map(([name, value]) => `${name}=${inWords(value)}`);
    console.log([event, ...rest].join(" "));
  };
}

const inWords = (value: unknown) => typeof value === "string" ? value : JSON.stringify(value);

/** Settles at Ctrl-C, SIGTERM, or after so many seconds (0: never). */
export function untilAsked(seconds: number): Promise<void> {
  return new Promise((done) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      Deno.addSignalListener(signal, () => done());
    }
    if (seconds > 0) setTimeout(done, seconds * 1_000);
  });
}
