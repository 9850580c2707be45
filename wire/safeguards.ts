// The named safeguards that a drill may switch off (`--without`), one for each clause of a row. They
// come in with the command (`ctx.without`); a server outside demo refuses to start with any off.
import * as z from "zod";
import type { Clause } from "./clauses/clause.ts";
import { flowClauses } from "./clauses/flow.ts";
import { moneyClauses } from "./clauses/money.ts";
import { opsClauses } from "./clauses/ops.ts";
import { pileClauses } from "./clauses/pile.ts";
import { thirdClauses } from "./clauses/third.ts";
import { userClauses } from "./clauses/user.ts";

const all = {
  ...flowClauses,
  ...userClauses,
  ...pileClauses,
  ...moneyClauses,
  ...thirdClauses,
  ...opsClauses,
} as const;
export type Safeguard = keyof typeof all;
/** The safeguards of one row. */
export type SafeguardOf<R extends string> = {
  [S in Safeguard]: (typeof all)[S]["row"] extends R ? S : never;
}[Safeguard];

/** What each of them keeps. */
export const clauses: Readonly<Record<Safeguard, Clause>> = all;
const safeguards = Object.keys(all) as [Safeguard, ...Safeguard[]];
export const safeguard = z.enum(safeguards);
export const safeguardsOf = (row: string): Safeguard[] =>
  safeguards.filter((name) => clauses[name].row === row);
