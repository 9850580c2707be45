// Alerts of the console: incidents as they are recorded; the newest are kept for who opens the page.
import type { Address, JournalRecord } from "../../wire/envelope.ts";
import { type IncidentRaised, incidentRaised } from "../../wire/incident.ts";
import type { Alert } from "../../wire/live.ts";
import type { Board, StateView } from "../views/mod.ts";

const KEPT = 100; // what a person still reads
const INCIDENT: IncidentRaised["type"] = "IncidentRaised";

/** Kinds whose view names its station. */
const OF_STATIONS: ReadonlySet<string> = new Set([
  "order",
  "ticket",
  "patrol",
  "lock",
  "reservation",
]);

export interface Raised {
  tenant: string;
  stationId: string | undefined;
  alert: Alert;
}

export class Alerts {
  #newest: Raised[] = [];
  constructor(private readonly board: Board, private readonly viewOf: StateView) {}

  take(address: Address, record: JournalRecord): Raised[] {
    const raised = record.events.flatMap((event, i) => {
      if (event.type !== INCIDENT) return []; // nearly all: not worth a look at their shape
      const { sv: _sv, ...fields } = event;
      const incident = incidentRaised.safeParse(fields);
      return incident.success ? [this.#raise(address, record, incident.data, i)] : [];
    });
    this.#newest.push(...raised);
    this.#newest.splice(0, Math.max(0, this.#newest.length - KEPT));
    return raised;
  }
  newest(tenant: string): Raised[] {
    return this.#newest.filter((raised) => raised.tenant === tenant);
  }

  #raise(address: Address, record: JournalRecord, incident: IncidentRaised, i: number): Raised {
    const { tenant, kind, id } = address;
    const { row, cause, actor, words, action, outcome, facts } = incident;
    return {
      tenant,
      stationId: this.#stationOf(address, record),
      alert: {
        id: `${kind}/${id}/${record.v}/${i}`,
        severity: severityOf(outcome, facts.severity),
        code: words,
        facts: { ...facts, row, cause, actor, action, outcome },
      },
    };
  }
  #stationOf({ tenant, kind, id }: Address, { state, v }: JournalRecord): string | undefined {
    if (kind === "station") return id;
    if (kind === "pile") return this.board.pile(tenant, id)?.view.stationId;
    if (!OF_STATIONS.has(kind)) return undefined;
    const view = this.viewOf(kind, state, v, id) as { stationId?: string } | null;
    return view?.stationId;
  }
}

/** As grave as the incident says of itself, else as what it came to. */
function severityOf(outcome: IncidentRaised["outcome"], said: unknown): Alert["severity"] {
  if (said === "critical" || said === "warning" || said === "info") return said;
  switch (outcome) {
    case "needs-person":
      return "critical";
    case "retrying":
      return "warning";
    case "handled":
    case "compensated":
    case "recovered":
      return "info";
  }
}
