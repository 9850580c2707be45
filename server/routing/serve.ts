// Listens for commands and signals of the shards that this node owns, and for commands that found no
// owner. Says `accepted` where the answer takes longer than a moment.
import { type Address, type Envelope, envelope, type Reply } from "../../wire/envelope.ts";
import {
  addressOfCommand,
  anyCommands,
  commandsOfShard,
  SHARDS,
  signalsOfShard,
} from "../../wire/subjects.ts";
import type { RoutingLimits } from "./limits.ts";
import type { Clock, Log, Network, NetworkMessage } from "./ports.ts";
import { ACCEPTED } from "./route.ts";

const ANY = "any"; // queue group of all nodes
const encoder = new TextEncoder();
const decoder = new TextDecoder();
const unsent: Reply = { ok: false, fault: { code: "outcome.unknown" } };
const accepted = encoder.encode(ACCEPTED);

/** A host in this process: what it owns need not cross the network. */
export interface Local {
  owns(shard: number): boolean;
  deliver(envelope: Envelope, respond: (reply: Reply) => void): void;
  signal(to: Address, data: Record<string, unknown>): void;
}

export interface Server {
  start(): void;
  /** Follows the placement: what was gained is listened to, what was lost no more. */
  follow(owns: (shard: number) => boolean): void;
  stop(): void;
}

export interface ServerPorts {
  network: Network;
  /** Coarse: most answers come before `acceptMs`. */
  deadlines: Clock;
  limits: RoutingLimits;
  log: Log;
}

export function serverOf({ network, deadlines, limits, log }: ServerPorts, host: Local): Server {
  const shards = new Map<number, (() => void)[]>();
  let stopAny: (() => void) | null = null;

  function command({ subject, data, reply }: NetworkMessage) {
    let parsed;
    try {
      parsed = envelope.safeParse(JSON.parse(decoder.decode(data)));
    } catch {
      parsed = { success: false } as const;
    }
    if (!parsed.success) return log.warn({ subject }, "no envelope");
    if (!reply) return host.deliver(parsed.data, () => {});
    const slow = deadlines.after(limits.acceptMs, () => network.publish(reply, accepted));
    host.deliver(parsed.data, (answer: Reply) => {
      slow.cancel();
      send(reply, answer);
    });
  }
  function send(to: string, answer: Reply) {
    try {
      network.publish(to, encoder.encode(JSON.stringify(answer)));
    } catch (error) { // too large for the network: the caller may ask for less
      log.error({ error: String(error) }, "answer cannot be sent");
      network.publish(to, encoder.encode(JSON.stringify(unsent)));
    }
  }
  function signal({ subject, data }: NetworkMessage) {
    try {
      host.signal(addressOfCommand(subject), JSON.parse(decoder.decode(data)));
    } catch (error) {
      log.warn({ subject, error: String(error) }, "no signal");
    }
  }
  return {
    start() {
      stopAny = network.subscribe(anyCommands, { queue: ANY }, command);
    },
    follow(owns) {
      for (let shard = 0; shard < SHARDS; shard++) {
        const listening = shards.get(shard);
        if (owns(shard) === (listening !== undefined)) continue;
        if (listening) {
          shards.delete(shard);
          for (const stop of listening) stop();
          continue;
        }
        // No queue group: a frozen owner would go on drawing its share of the new one's commands.
        shards.set(shard, [
          network.subscribe(commandsOfShard(shard), {}, command),
          network.subscribe(signalsOfShard(shard), {}, signal),
        ]);
      }
    },
    stop() {
      stopAny?.();
      this.follow(() => false);
    },
  };
}
