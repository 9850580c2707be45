// A connection to NATS with the runtime's settings: notices a dead server within seconds, comes back
// by itself and without end.
import { TimeoutError } from "@nats-io/nats-core";
import { connect, nkeyAuthenticator } from "@nats-io/transport-node";
import type { ConnectionOptions, NatsConnection } from "@nats-io/transport-node";
import { ConstantBackoff, handleType, retry } from "cockatiel";

const CONNECT_MS = 1_500;
const PING_MS = 1_500;
const PINGS_LOST_MAX = 2;
const RECONNECT_MS = 100;
const RECONNECT_JITTER_MS = 150;
/** A machine whose nodes all start at once is slow to answer; nobody there is said at once. */
const busy = retry(handleType(TimeoutError), {
  maxAttempts: 10,
  backoff: new ConstantBackoff(RECONNECT_MS),
});

export interface NatsOptions {
  url: string;
  /** Shown by the server's own reports. */
  name: string;
  /** Nkey seed of this role's user; none: the server asks for none. */
  seed?: Uint8Array;
  inboxPrefix?: string;
}

export function connectNats({ url, name, seed, inboxPrefix }: NatsOptions) {
  const options: ConnectionOptions = {
    servers: url.split(",").map((one) => one.trim()),
    name,
    timeout: CONNECT_MS,
    pingInterval: PING_MS,
    maxPingOut: PINGS_LOST_MAX,
    reconnectTimeWait: RECONNECT_MS,
    reconnectJitter: RECONNECT_JITTER_MS,
    maxReconnectAttempts: -1,
    noAsyncTraces: true, // a stack for every request costs more than the request
    ignoreAuthErrorAbort: true, // a server that is starting may refuse for a moment
    ...(seed ? { authenticator: nkeyAuthenticator(seed) } : {}),
    ...(inboxPrefix === undefined ? {} : { inboxPrefix }),
  };
  return busy.execute(() => connect(options));
}

/** Whether the connection stands now; `changed` hears of each loss and each return. */
export function followConnection(
  connection: NatsConnection,
  changed: (isUp: boolean) => void,
): () => boolean {
  let isUp = true;
  const follow = async () => {
    for await (const { type } of connection.status()) {
      if (type !== "disconnect" && type !== "reconnect") continue;
      if (isUp === (type === "reconnect")) continue;
      isUp = !isUp;
      changed(isUp);
    }
  };
  void follow();
  return () => isUp && !connection.isClosed();
}

export type { NatsConnection };
