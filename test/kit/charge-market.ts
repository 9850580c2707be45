// Payments without piles: the payment and wallet actors on a memory journal in real time, the gateway
// with its real adapters, and the sandbox provider as a process that dies and is started again.
import { createServer } from "node:http";
import { join } from "node:path";
import { type ActorDefinition, nothing, replied } from "../../actors/kit/mod.ts";
import { payment as paymentActor } from "../../actors/payment/mod.ts";
import { wallet } from "../../actors/wallet/mod.ts";
import { createPayment, type Payment } from "../../server/payment/mod.ts";
import { realClock } from "../../server/observe.ts";
import { createNode, freshIds, systemRandom, unseal } from "../../server/runtime/mod.ts";
import { memoryDirectory } from "../../server/store/memory-directory.ts";
import { memoryJournal, memoryNetwork } from "../../server/store/mod.ts";
import { freePort } from "../../server/engines/mod.ts";
import { childPlan } from "../../tools/launch/programs.ts";
import { provideSecrets, type Secrets } from "../../tools/launch/secrets.ts";
import type { Behaviour } from "../../wire/http-ops.ts";
import type { Posting } from "../../wire/money.ts";
import { chargingSettings } from "../../wire/settings.ts";
import { STREAMS } from "../../wire/subjects.ts";
import { quiet, uncounted } from "./http-world.ts";
import { type Program, startProcess } from "./processes.ts";
import { tempDir } from "./temp.ts";
import { ROOT } from "./world.ts";

const PACE = 0.15; // hanging 4.5 s, late 3 s: the rules are the same
const CALL_MS = 3_000; // less than it hangs
const BREAK_MS = 300;
const ASK_MS = 400;
const OPEN_MS = 30_000;

type Heard = { type: "PaymentSettled"; paymentId: string; outcome: string };
export interface OrderState {
  settled: Heard[];
}
/** In place of an order: it only hears what became of its attempts. */
const order: ActorDefinition<OrderState, Heard, Heard> = {
  kind: "order",
  sv: 1,
  initial: { settled: [] },
  parse: (command) => command as unknown as Heard,
  grants: { PaymentSettled: ["actor"] },
  decide: (_state, { type, paymentId, outcome }) =>
    replied([{ type, paymentId, outcome }], () => null),
  evolve: (state, event) => ({ settled: [...state.settled, event] }),
  react: () => nothing,
  read: (_name, state) => ({ body: state }),
};

export interface Market extends AsyncDisposable {
  node: ReturnType<typeof createNode>;
  payment: Payment;
  provider: Program;
  audited: Record<string, unknown>[];
  /** Answers of the callback door by status. */
  answers: Map<number, number>;
  deaths(): number;
  /** What the sandbox wrote in all its lives. */
  log(): Promise<string>;
  /** Kept over its deaths, with another seed each time. */
  behave(behaviour: Behaviour): Promise<void>;
  /** Unsigned; repeated until the sandbox is there. */
  lever(method: "GET" | "PUT" | "POST", path: string, body?: unknown): Promise<string>;
  /** Postings of every wallet record, by account. */
  book(): ReadonlyMap<string, number>;
}

async function settingsOf({ sandbox }: Secrets) {
  const read = async (name: string) => (await Deno.readTextFile(sandbox[name]!)).trim();
  const apiKey = await read("CHARGEWARD_WECHAT_API_KEY_FILE");
  const publicKey = await read("CHARGEWARD_ALIPAY_PUBLIC_KEY_FILE");
  const privateKey = await read("CHARGEWARD_WECHAT_KEY_FILE");
  return {
    wechat: { appid: "wxtest", mchid: "19001", serial: "A1", privateKey, apiKey, planId: 7 },
    alipay: { appId: "20210001", privateKey, publicKey },
  };
}

async function openDoor(callback: Payment["callback"], answers: Map<number, number>) {
  const door = createServer((request, response) => {
    const chunks: Uint8Array[] = [];
    request.on("data", (chunk: Uint8Array) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString("utf8");
      const provider = request.url?.split("/").at(-1) ?? "";
      const header = (name: string) => request.headers[name] as string | undefined;
      void callback({ tenant: "main", provider, header, body, trace: "t" }).then((answer) => {
        answers.set(answer.status, (answers.get(answer.status) ?? 0) + 1);
        response.writeHead(answer.status, { "content-type": answer.contentType });
        response.end(answer.body);
      });
    });
  });
  await new Promise<void>((done) => door.listen(0, "127.0.0.1", done));
  const { port } = door.address() as { port: number };
  const close = async () => {
    door.closeAllConnections();
    await new Promise<void>((done) => door.close(() => done()));
  };
  return { url: `http://127.0.0.1:${port}`, close };
}

async function startSandbox(dir: string, secrets: Secrets, url: string): Promise<Program> {
  const folder = join(dir, "provider");
  await Deno.mkdir(folder, { recursive: true });
  const plan = {
    name: "provider",
    script: "sim/provider/main.ts",
    root: ROOT,
    net: "all" as const,
    read: [dir],
    write: [folder],
    never: [],
    logFile: join(dir, "provider.log"),
    env: {
      PROVIDER_PORT: new URL(url).port,
      PROVIDER_DATA: folder,
      PROVIDER_PACE: String(PACE),
      ...secrets.provider,
    },
  };
  return await startProcess(() => childPlan(plan), url, `${url}/healthz`);
}

/** Nodes of memory; the journal tells every posting. */
async function openNode(
  ports: Parameters<typeof createNode>[0]["ports"],
  stack: AsyncDisposableStack,
) {
  const clock = realClock;
  const journal = memoryJournal({ clock, recordsPerActor: 1_000 });
  const accounts = new Map<string, number>();
  for (let stream = 0; stream < STREAMS; stream++) {
    await journal.tail(stream, { from: "new" }, ({ bytes, prevSum }) => {
      for (const { postings } of unseal(bytes, prevSum).events as { postings?: Posting[] }[]) {
        for (const { account, fen } of postings ?? []) {
          accounts.set(account, (accounts.get(account) ?? 0) + fen);
        }
      }
    });
  }
  const settings = chargingSettings.parse({
    paymentQueryMs: Array.from({ length: 1_000 }, (_, i) => ASK_MS * (i + 1)),
    paymentOpenMs: OPEN_MS,
  });
  const node = createNode({
    node: "market",
    actors: [order, paymentActor, wallet],
    journal,
    network: memoryNetwork({ clock, random: systemRandom }).port("market"),
    clock,
    random: systemRandom,
    freshId: freshIds(),
    metrics: uncounted,
    ports,
    settings: () => settings,
  });
  await node.start();
  stack.defer(() => node.stop());
  return { node, accounts };
}

export async function openMarket(): Promise<Market> {
  const stack = new AsyncDisposableStack();
  const { path: dir } = stack.use(await tempDir("market-"));
  const secrets = await provideSecrets(join(dir, "secrets"));
  const url = `http://127.0.0.1:${freePort()}`;
  const answers = new Map<number, number>();
  const audited: Record<string, unknown>[] = [];
  const door = await openDoor((request) => payment.callback(request), answers);
  const { node, accounts } = await openNode({
    payment: (call) => payment.port(call),
    notify: () => Promise.resolve({ ok: true, body: null }),
  }, stack);
  const payment: Payment = createPayment({
    client: node,
    directory: memoryDirectory(realClock),
    clock: realClock,
    log: { ...quiet, warn: (facts) => void ("audit" in facts && audited.push(facts)) },
    metrics: uncounted,
    ...await settingsOf(secrets),
    sandboxUrl: url,
    publicUrl: door.url,
    callMs: CALL_MS,
    breakMs: BREAK_MS,
  });
  stack.defer(() => door.close());
  const provider = await startSandbox(dir, secrets, url);
  stack.use(provider);
  const lever: Market["lever"] = async (method, path, body) => {
    for (;;) {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const answer = await payment.sandbox(method, path, text);
      if (answer) return answer.text;
      await new Promise((done) => setTimeout(done, 100)); // it is being started again
    }
  };
  const keeper = keepAlive(provider, lever);
  stack.defer(() => keeper.stop());
  return {
    node,
    payment,
    provider,
    audited,
    answers,
    deaths: keeper.deaths,
    log: () => provider.log(), // each life writes on in it
    behave: keeper.behave,
    lever,
    book: () => accounts,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Starts the sandbox again whenever it dies, to misbehave on. */
function keepAlive(provider: Program, lever: Market["lever"]) {
  let behaviour: Behaviour = { next: [] };
  let deaths = 0;
  let isStopped = false;
  const put = () =>
    lever("PUT", "/sandbox/behaviour", {
      ...behaviour,
      next: [], // each once, and this life is another
      seed: (behaviour.seed ?? 1) + deaths,
    });
  const follow = async (): Promise<void> => {
    await provider.exited;
    if (isStopped) return;
    deaths++;
    await provider.restart();
    await put();
    await follow();
  };
  void follow();
  return {
    deaths: () => deaths,
    async behave(wanted: Behaviour) {
      behaviour = wanted;
      await lever("PUT", "/sandbox/behaviour", wanted);
    },
    stop: () => void (isStopped = true),
  };
}
