// Every NATS subject, spelt here and nowhere else. Tokens are encoded, so no id can widen a subject.
import { decodeToken, encodeToken } from "./ids.ts";
import type { Address } from "./envelope.ts";

export const SHARDS = 256; // frozen: the shard is in the subject of every stored record
export const STREAMS = 16; // stream k holds the shards with shard mod 16 = k

const tail = (to: Address) =>
  `${encodeToken(to.tenant)}.${encodeToken(to.kind)}.${encodeToken(to.id)}`;
const sharded = (prefix: string, shard: number, to: Address) =>
  `${prefix}.${encodeToken(to.tenant)}.${encodeToken(to.kind)}.${shard}.${encodeToken(to.id)}`;

/** First try of a command: the owner of the shard. */
export const commandSubject = (shard: number, to: Address) => sharded("cmd", shard, to);
export const commandsOfShard = (shard: number) => `cmd.*.*.${shard}.*`;
/** Second try: any node may serve any actor. */
export const anySubject = (shard: number, to: Address) => sharded("any", shard, to);
export const anyCommands = "any.>";
/** Lossy input to a resident actor (telemetry): newest wins. */
export const signalSubject = (shard: number, to: Address) => sharded("sig", shard, to);
export const signalsOfShard = (shard: number) => `sig.*.*.${shard}.*`;

/** Where the newest record of an actor lies. */
export const stateSubject = (shard: number, to: Address) => `st.${shard}.${tail(to)}`;
export const statesOfKind = (kind: string) => `st.*.*.${encodeToken(kind)}.*`;
export const streamName = (k: number) => `ST${k}`;
export const streamOfShard = (shard: number) => streamName(shard % STREAMS);
export const streamSubjects = (k: number): string[] =>
  Array.from({ length: SHARDS / STREAMS }, (_, i) => `st.${i * STREAMS + k}.>`);
/** JetStream's own: a stream's message by the word of its leader. */
export const leaderRead = (stream: string) => `$JS.API.STREAM.MSG.GET.${stream}`;
export const streamInfo = (stream: string) => `$JS.API.STREAM.INFO.${stream}`;
export const streamPurge = (stream: string) => `$JS.API.STREAM.PURGE.${stream}`;
/** Address in a `st.` subject. */
export function addressOfState(subject: string): Address {
  const [, , tenant, kind, id] = subject.split(".");
  return { tenant: decodeToken(tenant!), kind: decodeToken(kind!), id: decodeToken(id!) };
}
/** Address and shard in a `st.` or `fire.` subject. */
export const placeOfState = (subject: string): { address: Address; shard: number } => ({
  address: addressOfState(subject),
  shard: Number(subject.split(".")[1]),
});
/** Address in a `cmd.`, `any.` or `sig.` subject. */
export function addressOfCommand(subject: string): Address {
  const [, tenant, kind, , id] = subject.split(".");
  return { tenant: decodeToken(tenant!), kind: decodeToken(kind!), id: decodeToken(id!) };
}

/** Durable timers: the schedule's own subject, and where it fires. */
export const reminderStream = "REM";
export const reminderSubject = (shard: number, to: Address, recordId: string) =>
  `rem.${shard}.${tail(to)}.${encodeToken(recordId)}`;
export const reminderFired = (shard: number, to: Address, recordId: string) =>
  `fire.${shard}.${tail(to)}.${encodeToken(recordId)}`;
export const reminderSubjects = ["rem.>", "fire.>"];
export const remindersFiredAll = "fire.>";

/** Ticks to the socket.io gateways, lossy by design. */
export const liveSubject = (to: Address) => `live.${tail(to)}`;
export const liveAll = "live.>";
/** Address in a `live.` subject. */
export function addressOfLive(subject: string): Address {
  const [, tenant, kind, id] = subject.split(".");
  return { tenant: decodeToken(tenant!), kind: decodeToken(kind!), id: decodeToken(id!) };
}

/** Device commands to the gateway that holds a pile's connection. */
export const linkSubject = (gatewayId: string) => `link.${encodeToken(gatewayId)}`;
export const heartbeatSubject = (node: string) => `hb.${encodeToken(node)}`;
export const heartbeatAll = "hb.*";
/** Every process answers with its report, to whoever's token is in the question. */
export const reportQuestion = "report.ask";
export const reportAnswer = (token: string) => `report.to.${encodeToken(token)}`;

/** What a drill changes for its own piles and people (demo only), and that one was asked for. */
export const drillModeSubject = "drill.mode";
export const drillRequested = "drill.requested";

/** Somebody wants the standing auditor to look now. */
export const auditRequested = "audit.requested";

/** How far the archive holds the journal, said by whoever carries it there. */
export const archivedSubject = "archived";

/** Batched telemetry: answered means stored. */
export const telemetryStream = "TELE";
export const telemetrySubject = (tenant: string, gatewayId: string) =>
  `tele.${encodeToken(tenant)}.${encodeToken(gatewayId)}`;
export const telemetrySubjects = ["tele.>"];

/** Where a nats-server asks who a connecting device is (auth callout). */
export const authCallout = "$SYS.REQ.USER.AUTH";
/** The native lane of piles, in the NATS account DEVICES. */
export const deviceUp = (
  tenant: string,
  pile: string,
  what: "boot" | "beat" | "tick" | "fact",
) => `d.${encodeToken(tenant)}.${encodeToken(pile)}.up.${what}`;
export const deviceDown = (tenant: string, pile: string, what: "cmd" | "ask") =>
  `d.${encodeToken(tenant)}.${encodeToken(pile)}.dn.${what}`;
export const deviceUpAll = (what: "boot" | "beat" | "tick" | "fact") => `d.*.*.up.${what}`;
export const deviceGrants = (tenant: string, pile: string) => ({
  publish: [`d.${encodeToken(tenant)}.${encodeToken(pile)}.up.>`],
  subscribe: [
    `d.${encodeToken(tenant)}.${encodeToken(pile)}.dn.>`,
    `_INBOX_${encodeToken(tenant)}_${encodeToken(pile)}.>`,
  ],
});
export const deviceInbox = (tenant: string, pile: string) =>
  `_INBOX_${encodeToken(tenant)}_${encodeToken(pile)}`;
/** Tenant and pile in a device subject: the only source of a pile's identity. */
export function pileOfDevice(subject: string): { tenant: string; pileId: string } {
  const [, tenant, pile] = subject.split(".");
  return { tenant: decodeToken(tenant!), pileId: decodeToken(pile!) };
}
