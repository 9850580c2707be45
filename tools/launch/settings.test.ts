// Arguments and environment of a start in any form: settings, or one fault that says what to do.
import fc from "fast-check";
import { expect, test } from "vitest";
import { mutated, printed } from "../../test/kit/fuzz.ts";
import { LaunchFault, readSettings } from "./settings.ts";

const RUNS = 10_000;
const args = ["--roles", "all", "--no-demo", "--roles=api,gateway", "--help", "--", "--root"];
const values = ["8080", "127.0.0.1", ".data", "nats://127.0.0.1:4222", "off", "on"];
const argument = fc.oneof(fc.constantFrom(...args), mutated(args), fc.string({ maxLength: 20 }));
const env = fc.dictionary(
  fc.constantFrom("PORT", "HOST", "CHARGEWARD_DATA", "CHARGEWARD_ROLES", "NATS_URL", "PATH", "x"),
  fc.oneof(mutated(values), fc.string({ unit: "binary", maxLength: 20 })),
);

test("any arguments and environment are settings or a fault in words", () => {
  fc.assert(
    fc.property(fc.array(argument, { maxLength: 5 }), env, (given, environment) => {
      try {
        const settings = readSettings("/root-of-the-test", given, environment);
        expect(settings.port > 0 && settings.port < 65_536).toBe(true);
        expect(Object.hasOwn(settings.passed, "PATH")).toBe(false);
      } catch (error) {
        expect(error).toBeInstanceOf(LaunchFault);
        expect((error as LaunchFault).message.length).toBeGreaterThan(0);
      }
    }),
    printed(RUNS),
  );
});
