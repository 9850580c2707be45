// The sandbox provider and the payment gateway on real HTTP, with a fake client behind the callbacks.
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import { createPayment, type Payment } from "../../server/payment/mod.ts";
import type { Misbehaviour } from "../../wire/http-ops.ts";
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
  const keys = { privateKey: theirs.private, platformPublicKey: own.public };
  const start = (port: number): Promise<Provider> =>
    startProvider({ host: "127.0.0.1", port, folder, ...keys });
  let provider = await start(0);
  stack.defer(() => provider.stop());
  const url = `http://127.0.0.1:${provider.port}`;
  const payment: Payment = createPayment({
    client,
    directory: memoryDirectory(realClock),
    clock: realClock,
    log: quiet,
    metrics: uncounted,
    providerUrl: url,
    payKey: own.private,
    providerPublicKey: theirs.public,
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
