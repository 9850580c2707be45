// A bank's statement against what the providers say that they settled: one line for each provider and
// day, nothing twice, nothing missing, every fen accounted for.
import { tableOf } from "../bill-table.ts";
import { bankColumns, type BankLine, bankLine, type Difference } from "../../wire/reconcile.ts";

/** Null: not such a file. */
export function readBankFile(text: string): BankLine[] | null {
  const [header, ...rest] = tableOf(text) ?? [];
  if (!header || header.map((name) => name.trim()).join() !== bankColumns.join()) return null;
  const lines = rest.map((line) => {
    if (line.length !== bankColumns.length) return null;
    const named = Object.fromEntries(bankColumns.map((name, i) => [name, line[i]!.trim()]));
    return Object.values(named).includes("") ? null : bankLine.safeParse(named).data ?? null;
  });
  return lines.includes(null) ? null : lines as BankLine[];
}

export interface Settled {
  provider: "wechat" | "alipay";
  day: string;
  paidFen: number;
  refundedFen: number;
  feeFen: number;
}

export function compareBank(lines: readonly BankLine[], settled: readonly Settled[]): Difference[] {
  const found = new Map<string, BankLine[]>();
  for (const line of lines) {
    const name = `${line.provider}/${line.settlement_day}`;
    found.set(name, [...found.get(name) ?? [], line]);
  }
  const wanted = new Map(settled.map((one) => [`${one.provider}/${one.day}`, one]));
  return [...new Set([...wanted.keys(), ...found.keys()])].flatMap((name) =>
    lineDiffers(name, found.get(name) ?? [], wanted.get(name))
  );
}

function lineDiffers(name: string, lines: BankLine[], settled: Settled | undefined): Difference[] {
  const { paidFen = 0, refundedFen = 0, feeFen = 0 } = settled ?? {};
  const ourFen = paidFen - refundedFen - feeFen;
  const theirFen = lines.reduce((sum, { net_fen }) => sum + net_fen, 0);
  const facts = { settlement: name, bankRefs: lines.map(({ bank_ref }) => bank_ref) };
  const as = (kind: Difference["kind"]): Difference[] => [
    { key: `${kind}/${name}`, kind, theirFen, ourFen, facts },
  ];
  const [line] = lines;
  if (!line) return paidFen === 0 && refundedFen === 0 ? [] : as("bank-missing");
  if (lines.length > 1) return as("bank-double");
  const adds = line.net_fen === line.gross_fen - line.refund_fen - line.fee_fen;
  const agrees = line.gross_fen === paidFen && line.refund_fen === refundedFen &&
    line.fee_fen === feeFen;
  return adds && agrees ? [] : as("bank-amount");
}
