// What the provider remembers: one line a change, synced before it is answered; rewritten at the start.
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { renameSync, writeSync } from "node:fs";
import { join } from "node:path";

export type Channel = "wechat" | "alipay";
export interface Refunded {
  no: string;
  id: string;
  fen: number;
  at: number;
}
export interface Trade {
  kind: "trade";
  id: string;
  by: Channel;
  /** The merchant's application, and its number (WeChat). */
  app: string;
  mchid: string;
  fen: number;
  state: "NOTPAY" | "SUCCESS" | "CLOSED" | "PAYERROR";
  /** Alipay knows a trade only from the moment when its code is scanned. */
  scanned: boolean;
  attach: string;
  notifyUrl: string;
  createdAt: number;
  contractId?: string;
  transactionId?: string;
  paidAt?: number;
  refunds: Refunded[];
}
export interface Pact {
  kind: "pact";
  id: string;
  by: Channel;
  app: string;
  mchid: string;
  state: "SIGNING" | "ACTIVE" | "TERMINATED";
  attach: string;
  notifyUrl: string;
  contractId?: string;
}
/** What a callback tells, in the provider's own fields; signed when it is sent. */
export interface Told {
  event: string;
  fields: Record<string, unknown>;
}
/** A callback until it was answered with success, or its tries are over. */
export interface Letter {
  kind: "letter";
  id: string;
  by: Channel;
  url: string;
  told: Told;
  at: number;
  tries: number;
  dueAt: number;
  isDone: boolean;
  /** A stranger's: looks right, is not. */
  forged?: true;
}
type Item = Trade | Pact | Letter;

export interface Store {
  trade(id: string): Trade | undefined;
  pact(id: string): Pact | undefined;
  byContract(contractId: string): Pact | undefined;
  trades(): Trade[];
  letters(): Letter[];
  /** Resolves nothing: when it returns, the item is on disk. */
  put(item: Item): void;
  close(): void;
}

export function openStore(folder: string): Store {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "provider.jsonl");
  const items = new Map<string, Item>();
  const waiting = new Map<string, Letter>();
  const contracts = new Map<string, string>();
  const nameOf = ({ kind, id }: Pick<Item, "kind" | "id">) => `${kind}/${id}`;
  const keep = (item: Item): void => {
    if (item.kind === "letter") {
      if (item.isDone) waiting.delete(item.id);
      else waiting.set(item.id, item);
      return;
    }
    items.set(nameOf(item), item);
    if (item.kind === "pact" && item.contractId) contracts.set(item.contractId, item.id);
  };
  for (const line of existsSync(path) ? readFileSync(path, "utf8").split("\n") : []) {
    const item = parsed(line);
    if (item) keep(item);
  }
  const fresh = `${path}.new`;
  const all = [...items.values(), ...waiting.values()];
  write(fresh, all.map((item) => `${JSON.stringify(item)}\n`).join(""));
  renameSync(fresh, path);
  const file = openSync(path, "a");
  const pact = (id: string) => items.get(`pact/${id}`) as Pact | undefined;
  return {
    trade: (id) => items.get(`trade/${id}`) as Trade | undefined,
    pact,
    byContract: (contractId) => pact(contracts.get(contractId) ?? ""),
    trades: () => [...items.values()].filter((item): item is Trade => item.kind === "trade"),
    letters: () => [...waiting.values()],
    put(item) {
      writeSync(file, `${JSON.stringify(item)}\n`);
      fsyncSync(file);
      keep(item);
    },
    close: () => closeSync(file),
  };
}

/** The last line may have been cut off by a crash: it was never answered. */
function parsed(line: string): Item | null {
  try {
    return line === "" ? null : JSON.parse(line) as Item;
  } catch {
    return null;
  }
}
function write(path: string, text: string): void {
  const file = openSync(path, "w");
  writeSync(file, text);
  fsyncSync(file);
  closeSync(file);
}
