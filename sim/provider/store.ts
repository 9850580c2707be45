// What the provider remembers: one line a change, synced before it is answered; rewritten at the start.
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Notification } from "../../wire/foreign/pay/wechat-v3.ts";

export type Channel = "wechat" | "alipay";
export interface Trade {
  kind: "trade";
  id: string;
  by: Channel;
  fen: number;
  state: "NOTPAY" | "SUCCESS" | "CLOSED" | "PAYERROR";
  attach: string;
  notifyUrl: string;
  createdAt: number;
  contractId?: string;
  transactionId?: string;
  paidAt?: number;
  refunds: { no: string; id: string; fen: number; at: number }[];
}
export interface Pact {
  kind: "pact";
  id: string;
  by: Channel;
  state: "SIGNING" | "ACTIVE" | "TERMINATED";
  attach: string;
  notifyUrl: string;
  contractId?: string;
}
/** A callback until it was answered with success, or its tries are over. */
export interface Letter {
  kind: "letter";
  id: string;
  url: string;
  body: Notification;
  tries: number;
  dueAt: number;
  isDone: boolean;
}
export type Item = Trade | Pact | Letter;

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
  const nameOf = ({ kind, id }: Pick<Item, "kind" | "id">) => `${kind}/${id}`;
  for (const line of existsSync(path) ? readFileSync(path, "utf8").split("\n") : []) {
    const item = parsed(line);
    if (item) items.set(nameOf(item), item);
  }
  for (const [name, item] of items) if (item.kind === "letter" && item.isDone) items.delete(name);
  const fresh = `${path}.new`;
  write(fresh, [...items.values()].map((item) => `${JSON.stringify(item)}\n`).join(""));
  renameSync(fresh, path);
  const file = openSync(path, "a");
  return {
    trade: (id) => items.get(`trade/${id}`) as Trade | undefined,
    pact: (id) => items.get(`pact/${id}`) as Pact | undefined,
    byContract: (contractId) =>
      [...items.values()].find((item): item is Pact =>
        item.kind === "pact" && item.contractId === contractId
      ),
    trades: () => [...items.values()].filter((item): item is Trade => item.kind === "trade"),
    letters: () =>
      [...items.values()].filter((item): item is Letter => item.kind === "letter" && !item.isDone),
    put(item) {
      writeSync(file, `${JSON.stringify(item)}\n`);
      fsyncSync(file);
      if (item.kind === "letter" && item.isDone) items.delete(nameOf(item));
      else items.set(nameOf(item), item);
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
