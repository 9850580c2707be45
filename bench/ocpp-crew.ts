// Program: the OCPP 1.6J piles of a bench in a process of their own; as little as a socket needs.
import { WebSocket } from "ws";
import { BenchFault } from "./bench-fault.ts";
import { serveCrew } from "./crew.ts";
import { each } from "./numbers.ts";

interface Key {
  id: string;
  secret: string;
  idTag?: string;
}
type Body = Record<string, unknown>;
type Answer = { ok: Body } | { failed: string };

const AT_ONCE = 16;
const POWER_W = 60_000;
const HOUR_MS = 3_600_000;
const TIMES_MAX = 200_000;

class OcppPile {
  #txId = 0;
  #calls = 0;
  #since = Date.now();
  readonly #registerWh = Math.floor(Date.now() / 1_000);
  readonly #waiting = new Map<string, (answer: Answer) => void>();

  private constructor(private readonly key: Key, private readonly socket: WebSocket) {
    socket.on("message", (data: Buffer) => this.#hear(data.toString()));
    socket.on("close", (code) => {
      for (const answer of this.#waiting.values()) answer({ failed: `closed: ${code}` });
    });
  }

  static async connect(url: string, key: Key): Promise<OcppPile> {
    const basic = btoa(`${key.id}:${key.secret}`);
    const headers = { Authorization: `Basic ${basic}` };
    const options = { headers, perMessageDeflate: false };
    const socket = new WebSocket(`${url}/${key.id}`, ["ocpp1.6"], options);
    const pile = new OcppPile(key, socket);
    await new Promise((open, fail) => socket.once("open", open).once("error", fail));
    return pile;
  }

  call(action: string, body: Body): Promise<Answer> {
    const id = String(++this.#calls);
    return new Promise((answer) => {
      this.#waiting.set(id, answer);
      this.socket.send(JSON.stringify([2, id, action, body]));
    });
  }

  async start(): Promise<boolean> {
    const { idTag = "" } = this.key;
    const connector = { connectorId: 1, errorCode: "NoError" };
    await this.call("BootNotification", { chargePointVendor: "bench", chargePointModel: "1" });
    await this.call("StatusNotification", { ...connector, status: "Preparing" });
    const timestamp = new Date().toISOString();
    const plan = { connectorId: 1, idTag, meterStart: this.#registerWh, timestamp };
    const answer = await this.call("StartTransaction", plan);
    if (!("ok" in answer)) throw new BenchFault(`'${this.key.id}' did not start: ${answer.failed}`);
    const { transactionId, idTagInfo } = answer.ok as {
      transactionId: number;
      idTagInfo: { status: string };
    };
    this.#txId = transactionId;
    this.#since = Date.now();
    await this.call("StatusNotification", { ...connector, status: "Charging" });
    return idTagInfo.status === "Accepted";
  }

  meter(): Promise<Answer> {
    const ran = Date.now() - this.#since;
    const register = this.#registerWh + Math.floor(ran * POWER_W / HOUR_MS);
    const tx = this.#txId > 0 ? { transactionId: this.#txId } : {};
    return this.call("MeterValues", {
      connectorId: 1,
      ...tx,
      meterValue: [{
        timestamp: new Date().toISOString(),
        sampledValue: [
          { value: String(register), measurand: "Energy.Active.Import.Register", unit: "Wh" },
          { value: String(POWER_W), measurand: "Power.Active.Import", unit: "W" },
        ],
      }],
    });
  }

  #hear(text: string): void {
    const [kind, id, first, ...rest] = JSON.parse(text) as [number, string, unknown, unknown];
    if (kind === 2) { // asked by the platform: nothing of it matters here
      this.socket.send(JSON.stringify([3, id, { status: "Accepted", configurationKey: [] }]));
      return;
    }
    const answer = this.#waiting.get(id);
    this.#waiting.delete(id);
    answer?.(kind === 3 ? { ok: first as Body } : { failed: `${String(first)} ${rest.join(" ")}` });
  }
}

const piles: OcppPile[] = [];

await serveCrew({
  async connect({ url, keys }) {
    await each(keys as Key[], AT_ONCE, async (key) => {
      piles.push(await OcppPile.connect(String(url), key));
    });
    return piles.length;
  },
  async start() {
    const accepted = await each(piles, AT_ONCE, (pile) => pile.start());
    return accepted.filter((yes) => yes).length;
  },
  /** Each pile sends the next when the last was answered. */
  async meter({ seconds }) {
    const begun = performance.now();
    const until = begun + Number(seconds) * 1_000;
    const ms: number[] = [];
    let [answered, failed] = [0, 0];
    await Promise.all(piles.map(async (pile) => {
      while (performance.now() < until) {
        const at = performance.now();
        const answer = await pile.meter();
        if ("ok" in answer) answered += 1;
        else failed += 1;
        if (ms.length < TIMES_MAX) ms.push(performance.now() - at);
        if ("failed" in answer && answer.failed.startsWith("closed")) break;
      }
    }));
    return { answered, failed, seconds: (performance.now() - begun) / 1_000, ms };
  },
});
