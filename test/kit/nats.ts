// Signing in to NATS by hand, for attacks: the client library reads a reset after a refusal as an
// uncaught error in Deno, and cannot forge what an attacker forges.
import { fromSeed } from "@nats-io/nkeys";

/** What an attacker may send in place of what belongs there. */
export interface Forgery {
  readonly nkey?: string;
  readonly sig?: string;
  /** Left out of CONNECT altogether. */
  readonly without?: readonly ("nkey" | "sig")[];
}

/** Tries to sign in with a seed; "ok", or the server's words of refusal. */
export async function signIn(url: string, seed: string | null, forged: Forgery = {}) {
  const { hostname, port } = new URL(url);
  using connection = await Deno.connect({ hostname, port: Number(port) });
  const lines = linesOf(connection);
  const info = JSON.parse((await lines.next()).value?.slice("INFO ".length) ?? "{}");
  const connect: Record<string, unknown> = { verbose: false, pedantic: false, lang: "attack" };
  if (seed !== null) {
    const pair = fromSeed(new TextEncoder().encode(seed));
    const signature = pair.sign(new TextEncoder().encode(info.nonce ?? ""));
    connect.nkey = pair.getPublicKey();
    connect.sig = btoa(String.fromCharCode(...signature));
  }
  const { without = [], ...replaced } = forged;
  Object.assign(connect, replaced);
  for (const name of without) delete connect[name];
  await connection.write(
    new TextEncoder().encode(`CONNECT ${JSON.stringify(connect)}\r\nPING\r\n`),
  );
  for await (const line of lines) {
    if (line === "PONG") return "ok";
    if (line.startsWith("-ERR")) return line.slice("-ERR ".length);
  }
  return "closed";
}

async function* linesOf(connection: Deno.TcpConn): AsyncGenerator<string, undefined> {
  let rest = "";
  const decoder = new TextDecoder();
  const bytes = new Uint8Array(65_536);
  for (;;) {
    const count = await connection.read(bytes).catch(() => null);
    if (count === null) return;
    const parts = (rest + decoder.decode(bytes.subarray(0, count), { stream: true })).split("\r\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
}
