// Every metric of the platform: name, kind, labels and what it says. What is not here is not measured;
// docs/metrics.md is made from it. Labels hold codes and kinds, never ids: their number is bounded.

export type MetricKind = "counter" | "gauge" | "histogram";
export interface MetricSpec {
  kind: MetricKind;
  labels: readonly string[];
  says: string;
}
const counter = (says: string, ...labels: string[]): MetricSpec => ({
  kind: "counter",
  labels,
  says,
});
const gauge = (says: string, ...labels: string[]): MetricSpec => ({ kind: "gauge", labels, says });
const spans = (says: string, ...labels: string[]): MetricSpec => ({
  kind: "histogram",
  labels,
  says,
});

const PROCESS = {
  ready: gauge("1: the process can serve; 0: /readyz says why not"),
  process_rss_bytes: gauge("Memory of the process"),
  process_cpu_ms: gauge("CPU time since it started"),
  process_up_ms: gauge("Time since it started"),
  loop_late_ms: spans("How late a timer came: something held the event loop"),
};

const RUNTIME = {
  actors_resident: gauge("Actors in memory", "kind"),
  residents: gauge("Actors in memory, all kinds"),
  mailbox_longest: gauge("Commands waiting at the actor where most wait"),
  lanes_parked: gauge("Lanes whose head failed again and again"),
  actors_quarantined: gauge("Actors that broke twice in a minute: only stops are served"),
  appends_open: gauge("Appends under way or waiting"),
  journal_append_ms: spans("From a record's turn to its acknowledgement"),
  journal_faults: counter("Appends that the journal did not take at once", "code"),
  journal_lost_acks: counter("Records stored although nobody said so"),
  commands_overloaded: counter("Commands refused as overloaded", "class"),
  commands_hedged: counter("Second tries, where nobody said that they took the command"),
  commands_nobody: counter("Tries that met no listener"),
  mailbox_full: counter("Commands refused for a full mailbox", "kind"),
  outbox_parked: counter("Times that a lane was parked"),
  breaches: counter("Turns dropped because an invariant broke", "kind"),
  read_breaches: counter("Reads that broke", "kind"),
  signal_breaches: counter("Signals that broke", "kind"),
  later_shapes: counter("Records of a later release that an actor met: it waits", "kind"),
  wakes: counter("Actors woken for work that a dead node left"),
};

const ARCHIVE = {
  projector_lag_records: gauge("Records of a stream that the archive does not hold yet", "stream"),
  projector_lag_ms: gauge("Age of the oldest of them", "stream"),
  projector_failures: gauge("Tries in a row in which MongoDB did not take the batch"),
  projector_records: counter("Records carried into the archive"),
  projector_batch_ms: spans("Time for one batch into MongoDB"),
  projector_parked: counter("Actors whose views stand still: a record cannot be read"),
  projector_conflicts: counter("Versions that two records claim"),
  journal_read_only: gauge("1: the stream lost records and takes none until restored", "stream"),
  trim_waiting: gauge("Actors whose archived records wait to be trimmed"),
  trimmed_records: counter("Archived records that left the journal"),
  trimmed_actors: counter("Actors that left the journal whole: the archive has them"),
  readings_behind: gauge("Messages of readings that MongoDB does not hold yet"),
};

const HTTP = {
  http_ms: spans("Time for one request", "route", "status"),
  http_broken: counter("Requests that ended in a bug", "route"),
  inputs_refused: counter("Requests and messages refused for their form or origin", "code"),
  client_errors: counter("Crashes that pages reported"),
  help_tickets: counter("Drivers who asked for help"),
};

const LIVE = {
  live_connections: gauge("Sockets of people"),
  live_facts: counter("Facts sent to sockets"),
  live_ticks_dropped: counter("Ticks left out for a slow socket"),
  live_wall_dropped: counter("Rows of the wall left out for a slow socket"),
  live_cut: counter("Sockets cut off", "why"),
  live_refused: counter("Rooms and sign-ins refused", "code"),
  live_broken: counter("Messages of sockets that ended in a bug"),
  notices: counter("Notices to drivers", "code"),
  notice_sends: counter("Notices by one way to one target, and what it came to", "way", "outcome"),
  notice_send_ms: spans("From the inbox to the way's yes", "way"),
};

const PILES = {
  native_links: gauge("Native piles with a link"),
  native_heard: counter("Messages of native piles", "what"),
  native_too_fast: counter("Messages beyond what a pile may say"),
  native_malformed: counter("Messages of native piles that cannot be read", "what", "code"),
  native_facts_refused: counter("Facts of native piles that were refused", "kind", "code"),
  native_stale: counter("Messages under an older link"),
  native_silent: counter("Native links lost for silence"),
  native_second_link: counter("Boots while the link was live"),
  native_foreign_inbox: counter("Answers wanted outside of the pile's own inbox"),
  native_ticks_unstored: counter("Ticks that could not be stored"),
  callout: counter("Native piles that signed in", "verdict"),
  ocpp_links: gauge("OCPP piles with a link"),
  ocpp_calls: counter("Calls of OCPP piles", "action", "answer"),
  ocpp_calls_refused: counter("Calls of OCPP piles outside of the schema", "code"),
  ocpp_frames_refused: counter("Frames that cannot be read", "code"),
  ocpp_frames_ignored: counter("Answers to nothing that was asked"),
  ocpp_facts_refused: counter("Facts of OCPP piles that were refused", "type", "code"),
  ocpp_readings_flagged: counter("Readings that cannot be true as sent", "flag"),
  ocpp_readings_unstored: counter("Readings that could not be stored"),
  ocpp_refused: counter("Sockets of OCPP piles that were turned away", "why"),
  ocpp_replaced: counter("OCPP links replaced by a newer one"),
  ocpp_silent: counter("OCPP links lost for silence"),
  parking_calls_failed: counter("Calls of the parking system that failed", "what"),
  device_calls: counter("Orders to piles and what they came to", "kind", "outcome"),
  telemetry_readings: counter("Readings stored before they were answered"),
  telemetry_store_ms: spans("Time for one batch of readings to be stored"),
};

const LOCKS = {
  lock_call_ms: spans("Time for one call of a lock maker's platform", "op", "by", "outcome"),
  lock_calls_failed: counter(
    "Calls of lock makers that failed; surely: nothing was done",
    "surely",
  ),
  lock_breaker: gauge("Circuit to a lock maker: 0 closed, 1 open, 2 half open", "by"),
  lock_callbacks: counter("Reports of lock makers that were recorded", "state"),
  lock_callbacks_refused: counter("Reports of lock makers that were not", "why"),
};

const MONEY = {
  provider_call_ms: spans("Time for one call of the payment provider", "op", "by", "outcome"),
  provider_calls_failed: counter(
    "Calls of the provider that failed; surely: nothing was done",
    "surely",
  ),
  provider_breaker: gauge("Circuit to the provider: 0 closed, 1 open, 2 half open", "by"),
  reconciliation_differences: counter(
    "Differences that a comparison with a provider or bank found",
    "kind",
    "source",
  ),
  payment_callbacks: counter("Callbacks of the provider that were recorded", "outcome"),
  payment_callbacks_forged: counter("Callbacks that are not the provider's", "why"),
  payment_callbacks_refused: counter("Callbacks that could not be recorded", "code"),
  audit_differences: gauge("What the standing auditor finds wrong in the books", "rule"),
  audit_rows: gauge("Records of money that it has read"),
  audit_look_ms: spans("Time for one look at what is new in the archive"),
};

/** By the part of the platform; each name is exported with PREFIX before it. */
export const METRICS: Readonly<Record<string, Readonly<Record<string, MetricSpec>>>> = {
  process: PROCESS,
  runtime: RUNTIME,
  archive: ARCHIVE,
  http: HTTP,
  live: LIVE,
  piles: PILES,
  locks: LOCKS,
  money: MONEY,
};
export const PREFIX = "chargeward_";
