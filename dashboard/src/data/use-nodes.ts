// The machinery as its processes tell it, asked every two seconds while the page is looked at.
import { monotonicMs, type Refused, useNow } from "@chargeward/web-kit/mod.ts";
import { useDocumentVisibility, useIntervalFn } from "@vueuse/core";
import { computed, shallowRef } from "vue";
import type { NodeSeen, ParkedSeen } from "../../../wire/report.ts";
import { usePlatform } from "../platform.ts";

const POLL_MS = 2000;

export type Process = NodeSeen & { state: "ready" | "not-ready" | "silent" };
export type ActorName = { kind: string; id: string };
/** Something of one actor, and the node that told it. */
export type Named<T> = T & { node: string; actor: ActorName };

export function useNodes() {
  const { calls } = usePlatform();
  const seen = shallowRef<NodeSeen[] | null>(null);
  const parked = shallowRef<ParkedSeen | null>(null);
  const refused = shallowRef<Refused | null>(null);
  const heardAtMs = shallowRef(monotonicMs());
  const visibility = useDocumentVisibility();
  const now = useNow();

  async function load() {
    const [nodes, items] = await Promise.all([calls.nodes(), calls.parked()]);
    refused.value = nodes.ok ? items.ok ? null : items.refused : nodes.refused;
    if (!nodes.ok || !items.ok) return;
    seen.value = nodes.body.nodes;
    parked.value = items.body;
    heardAtMs.value = monotonicMs();
  }
  void load();
  useIntervalFn(() => void (visibility.value === "visible" && load()), POLL_MS);

  const processes = computed<Process[]>(() =>
    (seen.value ?? []).map((one) => ({ ...one, state: stateOf(one) }))
  );
  const reports = computed(() =>
    processes.value.flatMap(({ report }) => report === null ? [] : [report])
  );
  const actors = computed(() =>
    reports.value.flatMap((report) =>
      report.actors ? [{ node: report.node, ...report.actors }] : []
    )
  );
  const hottest = computed(() => largest(actors.value, "hottest", "perMinute"));
  const mailboxes = computed(() => largest(actors.value, "mailboxes", "waiting"));
  const quarantined = computed(() =>
    actors.value.flatMap(({ node, quarantined }) => quarantined.map((actor) => ({ node, actor })))
  );
  const archives = computed(() =>
    reports.value.flatMap(({ node, archive }) => archive ? [{ node, ...archive }] : [])
  );
  const circuits = computed(() =>
    reports.value.flatMap(({ node, circuits }) =>
      Object.entries(circuits).map(([name, state]) => ({ node, name, state }))
    )
  );
  /** How old the picture is: ages in it grow by this. */
  const silentMs = computed(() => Math.max(0, now.value - heardAtMs.value));
  return {
    seen,
    processes,
    hottest,
    mailboxes,
    quarantined,
    archives,
    circuits,
    parked,
    refused,
    silentMs,
    load,
  };
}

function stateOf({ report }: NodeSeen): Process["state"] {
  if (report === null) return "silent";
  return report.notReady.length > 0 ? "not-ready" : "ready";
}

const LISTED = 8;
/** The largest of all nodes, each with its node. */
function largest<K extends string, S extends string>(
  actors: readonly (
    & { node: string }
    & Record<K, readonly ({ actor: ActorName } & Record<S, number>)[]>
  )[],
  list: K,
  size: S,
): { node: string; actor: ActorName; size: number }[] {
  return actors
    .flatMap((one) =>
      one[list].map((row) => ({ node: one.node, actor: row.actor, size: row[size] }))
    )
    .toSorted((a, b) => b.size - a.size)
    .slice(0, LISTED);
}
