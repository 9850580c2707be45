// The sandbox provider and the payment gateway on real HTTP, with a fake client behind the callbacks.
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { createPayment, type Payment } from "../../server/payment/mod.ts";
import type { AlipaySettings } from "../../server/payment/alipay/adapter.ts";
import type { WechatSettings } from "../../server/payment/wechat/adapter.ts";
import type { Behaviour, Misbehaviour } from "../../wire/http-ops.ts";
import { type Provider, startProvider } from "../../sim/provider/server.ts";
import { realClock } from "../../server/observe.ts";
import { memoryDirectory } from "../../server/store/memory-directory.ts";
import { FakeClient } from "./fake-client.ts";
import { quiet, uncounted } from "./http-world.ts";
import { tempDir } from "./temp.ts";

const pemPair = () => {
  const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return {
    private: pair.privateKey.export({ type: "pkcs8", format: "pem" }),
    public: pair.publicKey.export({ type: "spki", format: "pem" }),
  };
};

export interface Heard {
  status: number;
  headers: Record<string, string>;
  body: string;
}
export interface ProviderWorld extends AsyncDisposable {
  url: string;
  payment: Payment;
  client: FakeClient;
  /** Every callback that arrived, with what it was answered. */
  callbacks: Heard[];
  /** Resolves when that many callbacks have been answered. */
  untilCallbacks(count: number): Promise<void>;
  misbehave(...next: Misbehaviour[]): Promise<void>;
  behave(behaviour: Behaviour): Promise<void>;
  /** Every audit line of the gateway. */
  audited: Record<string, unknown>[];
  merchant: { wechat: WechatSettings; alipay: AlipaySettings };
  /** How often the provider was told to die. */
  deaths(): number;
  /** Origin that calls back come to. */
  front: string;
  /** The user's look at the code. */
  scan(id: string): Promise<void>;
  pay(id: string, outcome?: "success" | "fail"): Promise<unknown>;
  /** Stops the provider, does what is given, starts it again at the same place. */
  restart(meanwhile?: () => Promise<void>): Promise<void>;
}

/** The platform's callback door alone. */
async function openFront(callback: Payment["callback"]) {
  const callbacks: Heard[] = [];
  const wake: (() => void)[] = [];
  const front = createServer((request, response) => {
    const chunks: Uint8Array[] = [];
    request.on("data", (chunk: Uint8Array) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString("utf8");
      const headers = request.headers as Record<string, string>;
      const provider = request.url?.split("/").at(-1) ?? "";
      const header = (name: string) => headers[name];
      void callback({ tenant: "main", provider, header, body, trace: "t" }).then((answer) => {
        response.writeHead(answer.status, { "content-type": answer.contentType });
        response.end(answer.body);
        callbacks.push({ status: answer.status, headers, body });
        for (const go of wake.splice(0)) go();
      });
    });
  });
  await new Promise<void>((done) => front.listen(0, "127.0.0.1", done));
  return {
    callbacks,
    url: `http://127.0.0.1:${(front.address() as { port: number }).port}`,
    async untilCallbacks(count: number) {
      while (callbacks.length < count) await new Promise<void>((go) => wake.push(go));
    },
    async close() {
      front.closeAllConnections();
      await new Promise<void>((done) => front.close(() => done()));
    },
  };
}

export async function providerWorld(): Promise<ProviderWorld> {
  const stack = new AsyncDisposableStack();
  const { path: folder } = stack.use(await tempDir("provider-"));
  const [own, theirs] = [pemPair(), pemPair()];
  const client = new FakeClient();
  const front = await openFront((request) => payment.callback(request));
  stack.defer(() => front.close());
  const apiKey = randomBytes(16).toString("hex");
  const keys = { privateKey: theirs.private, platformPublicKey: own.public, apiKey };
  let deaths = 0;
  const start = (port: number): Promise<Provider> =>
    startProvider({ host: "127.0.0.1", port, folder, ...keys, die: () => void deaths++ });
  let provider = await start(0);
  stack.defer(() => provider.stop());
  const url = `http://127.0.0.1:${provider.port}`;
  const audited: Record<string, unknown>[] = [];
  const privateKey = own.private;
  const merchant = {
    wechat: { appid: "wxtest", mchid: "19001", serial: "A1B2", privateKey, apiKey, planId: 7 },
    alipay: { appId: "20210001", privateKey, publicKey: theirs.public },
  };
  const payment: Payment = createPayment({
    client,
    directory: memoryDirectory(realClock),
    clock: realClock,
    log: { ...quiet, warn: (facts) => void ("audit" in facts && audited.push(facts)) },
    metrics: uncounted,
    ...merchant,
    sandboxUrl: url,
    publicUrl: front.url,
  });
  const lever = async (method: "PUT" | "POST", path: string, body: unknown) =>
    JSON.parse((await payment.sandbox(method, path, JSON.stringify(body)))!.text) as unknown;
  return {
    url,
    payment,
    client,
    callbacks: front.callbacks,
    untilCallbacks: front.untilCallbacks,
    misbehave: async (...next) => void await lever("PUT", "/sandbox/behaviour", { next }),
    behave: async (behaviour) => void await lever("PUT", "/sandbox/behaviour", behaviour),
    audited,
    merchant,
    deaths: () => deaths,
    front: front.url,
    scan: async (id) => void await payment.sandbox("GET", `/sandbox/pay/${id}`),
    pay: (id, outcome = "success") => lever("POST", `/sandbox/pay/${id}`, { outcome }),
    async restart(meanwhile = () => Promise.resolve()) {
      const { port } = provider;
      await provider.stop();
      await meanwhile();
      provider = await start(port);
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
