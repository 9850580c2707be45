// One clause of a row of mission.md, and the name of the safeguard that keeps it.

export interface Clause {
  /** Row of docs/drills.md: "flow-a", "2.7" … */
  readonly row: string;
  readonly zh: string;
  readonly en: string;
}
export type Clauses = Readonly<Record<string, Clause>>;
