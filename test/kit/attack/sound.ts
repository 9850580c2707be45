// After the attacks: the same process, ready, nothing crashed, each refusal in the log once and
// nobody's token in it, and a charge runs from tap to paid.
import { expect } from "vitest";
import { charge, type Ground } from "./ground.ts";
import { NATIVE_PILE } from "./native.ts";

type Line = Record<string, unknown>;
const CRASH =
  /unhandled|uncaught|panic|Error: .*\n\s+at |request broke|upgrade broke|message broke/i;

export async function linesOf(ground: Ground): Promise<Line[]> {
  const text = await ground.server.log();
  return text.split("\n").filter((line) => line.startsWith("{")).map((line) =>
    JSON.parse(line) as Line
  );
}

export async function soundAfter(
  ground: Ground,
  pid: number,
  traces: readonly { trace: string; code: string; name: string }[],
): Promise<void> {
  const { server, victim, made, owned, of } = ground;
  expect(server.pid).toBe(pid);
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  await victim.stop(owned.orderId);
  await victim.until(owned.orderId, ["paid"], 20_000);
  await charge(victim, made.id);
  const text = await server.log();
  expect(CRASH.exec(text)?.[0]).toBeUndefined();
  const lines = await linesOf(ground);
  expect(lines.filter(({ level }) => Number(level) >= 50)).toEqual([]);
  const bearer = of(victim).Authorization!.slice("Bearer ".length);
  const secrets = [bearer, of("admin").Cookie!.split("=")[1]!, of("admin")["X-CSRF"]!];
  for (const secret of secrets) expect(text.includes(secret)).toBe(false);
  const said = Map.groupBy(lines.filter(({ trace }) => trace !== undefined), (l) => l.trace);
  const wrong = traces.flatMap(({ trace, code, name }) => {
    const found = said.get(trace) ?? [];
    const isRight = found.length === 1 && (found[0]!.code === code || found[0]!.audit);
    return isRight ? [] : [`${name}: ${JSON.stringify(found)}`];
  });
  expect(wrong).toEqual([]);
}

/** Lines of refusals that bring no trace back, and how often each is said. */
export async function saidByDevices(ground: Ground): Promise<void> {
  const lines = await linesOf(ground);
  const count = (wanted: Line) =>
    lines.filter((line) => Object.entries(wanted).every(([name, value]) => line[name] === value))
      .length;
  const refused = { message: "refused" };
  const door = { ...refused, where: "ocpp sign-in", by: "device" };
  const watch = { ...refused, where: "live watch", by: "driver" };
  const frame = { message: "frame refused", pileId: ground.ocppMade.id };
  const rows: [wanted: Line, times: number][] = [
    [{ ...door, code: "unknown pile", pileId: "NO-SUCH" }, 1],
    [{ ...door, code: "wrong secret", pileId: ground.ocppMade.id }, 2],
    [{ ...door, code: "no secret" }, 2],
    [{ ...door, code: "lane", pileId: ground.made.id }, 1],
    [{ ...door, code: "subprotocol" }, 2],
    [{ ...watch, code: "order.unknown" }, 2],
    [{ ...watch, code: "auth.forbidden" }, 2],
    [{ ...refused, where: "live auth", code: "auth.required" }, 1],
    [{ ...frame, why: "not JSON" }, 1],
    [{ ...frame, why: "binary" }, 1],
    [{ ...frame, why: "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH" }, 1],
    [{ ...frame, why: "WS_ERR_INVALID_UTF8" }, 1],
    [{ alarm: "pile.second-connection", pileId: ground.ocppMade.id }, 1],
    [{ message: "pile says nonsense", pileId: NATIVE_PILE }, 1],
  ];
  expect(rows.map(([wanted]) => [wanted, count(wanted)])).toEqual(rows);
}
