// The nats-server's configuration: accounts that cannot hear each other, and who may do what.
// Why these accounts: docs/decisions/0003-nats-accounts.md.
import { type NatsRole, type NatsSeeds, PLATFORM_ROLES, publicKey } from "./nats-keys.ts";

export interface NatsPlan {
  readonly serverName: string;
  readonly port: number;
  readonly storeDir: string;
  readonly seeds: NatsSeeds;
  /** When an append is on disk: "always" before it is acknowledged, else at that interval. */
  readonly sync?: string;
}

/** The accounts by the names that the rest of the platform uses. */
export const NATS_ACCOUNTS = {
  platform: "PLATFORM",
  devices: "DEVICES",
  callout: "AUTH",
  sys: "SYS",
} as const;

// The journal is for ever: who neither hosts actors nor maintains may not change a stream.
const STREAM_CHANGES = ["UPDATE", "DELETE", "PURGE", "RESTORE", "MSG.DELETE"]
  .map((verb) => `$JS.API.STREAM.${verb}.>`);

// Only actors and maintenance append to the journal, set timers, say that a node lives, and note what
// is open: a gateway or the API sends commands instead.
const OF_NODES = ["st.>", "rem.>", "fire.>", "hb.*", "$KV.followers.>"];
// Whoever is believed here makes nodes forget how full a subject is.
const OF_THE_PROJECTOR = ["archived"];

/** What a role may not publish; whoever is not named may all of its account. */
export const NATS_DENIED: Partial<Record<NatsRole, readonly string[]>> = {
  api: [...STREAM_CHANGES, ...OF_NODES, ...OF_THE_PROJECTOR],
  gateway: [...STREAM_CHANGES, ...OF_NODES, ...OF_THE_PROJECTOR],
  projector: [...STREAM_CHANGES, ...OF_NODES],
};

const CALLOUT_SECONDS_MAX = 10; // a storm of 10,000 piles waits in line rather than failing

/** The text of the configuration file. */
export function natsConfig(plan: NatsPlan): string {
  const key = (role: NatsRole) => publicKey(plan.seeds[role]);
  const staff = [...PLATFORM_ROLES, "telemetry", "callout", "sys"] as const;
  return `# Written anew at each start from server/engines/nats-config.ts
server_name: ${quote(plan.serverName)}
host: "127.0.0.1"
port: ${plan.port}
max_payload: 1MB
# a frozen client draws its share of a queue until it is given up
ping_interval: "3s"
ping_max: 2
jetstream {
  store_dir: ${quote(plan.storeDir)}
  sync_interval: ${plan.sync ?? "always"}
}
system_account: SYS
accounts {
  SYS { users: [{ nkey: ${key("sys")} }] }
  PLATFORM {
    jetstream: enabled
    users: [
${PLATFORM_ROLES.map((role) => `      ${user(key(role), NATS_DENIED[role] ?? [])}`).join("\n")}
    ]
  }
  DEVICES { users: [{ nkey: ${key("telemetry")} }] }
  AUTH {
    users: [{
      nkey: ${key("callout")}
      permissions: { subscribe: ["$SYS.REQ.USER.AUTH", "_INBOX.>"], allow_responses: true }
    }]
  }
}
authorization {
  timeout: ${CALLOUT_SECONDS_MAX}
  auth_callout {
    issuer: ${key("issuer")}
    account: AUTH
    # these alone are proved by the server itself; everyone else is a pile and is asked about
    auth_users: [${staff.map(key).join(", ")}]
  }
}
`;
}

function user(nkey: string, denied: readonly string[]): string {
  if (denied.length === 0) return `{ nkey: ${nkey} }`;
  return `{ nkey: ${nkey}, permissions: { publish: { deny: [${denied.map(quote).join(", ")}] } } }`;
}

function quote(text: string): string {
  return JSON.stringify(text);
}
