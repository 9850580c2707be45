// The nodes of a run: the real runtime with the real actors on one journal and one network in memory.
// Each can crash, pause and come back; fires of schedules go to whichever answers.
import type { AnyActor } from "../../actors/kit/mod.ts";
import {
  type ActorNode,
  type Archive,
  type Client,
  createClient,
  createNode,
  type Journal,
  type Limits,
  type Place,
  type PortHandler,
  type Stop,
} from "../../server/runtime/mod.ts";
import type { MemoryNetwork } from "../../server/store/mod.ts";
import { everyShard } from "../race/every-shard.ts";
import { journalOf, networkOf, type Surroundings } from "./ports.ts";
import { Process } from "./process.ts";
import type { Time } from "./time.ts";

export interface ClusterOptions {
  time: Time;
  /** The journal as that process writes it. */
  journal(process: string): Journal;
  /** The archive as that process knows it; null: everything stays in the journal. */
  archive(process: Process): Archive | null;
  network: MemoryNetwork;
  around: Surroundings;
  actors: readonly AnyActor[];
  settings: unknown;
  limits: Partial<Limits>;
  limitsByKind: Readonly<Record<string, Partial<Limits>>>;
  /** Every node serves every actor: placement is no help at all. */
  everywhere: boolean;
  ports(process: Process): Record<string, PortHandler>;
  breach(what: string): void;
  count(name: string): void;
}

interface Running {
  process: Process;
  node: ActorNode;
  end(): void;
}
type Fire = (place: Place) => Promise<boolean>;
const FIRE_ACK_MS = 5_000; // a schedule that nobody acknowledges goes to another node

export class Cluster {
  readonly #nodes = new Map<string, Running>();
  readonly #fires = new Map<Fire, Process>();
  #lives = 0;

  constructor(readonly options: ClusterOptions) {
    void options.journal("fires").fires((place) => this.#fire(place));
  }

  names(): string[] {
    return [...this.#nodes.keys()];
  }
  process(name: string): Process | undefined {
    return this.#nodes.get(name)?.process;
  }

  start(name: string): void {
    const { time, journal, network, around, limits, limitsByKind, actors } = this.options;
    const life = `${name}${this.#lives++}`;
    const process = new Process(life, time);
    const port = networkOf(network.port(life), process, around);
    const fires = (take: Fire): Promise<Stop> => {
      this.#fires.set(take, process);
      return Promise.resolve(() => Promise.resolve(void this.#fires.delete(take)));
    };
    let ids = 0;
    const archive = this.options.archive(process);
    const node = createNode({
      node: name,
      actors,
      journal: journalOf(journal(life), process, around, fires),
      network: port,
      clock: process.clock,
      random: () => around.random.next(),
      freshId: () => `${life}-${ids++}`,
      settings: () => this.options.settings,
      ports: this.options.ports(process),
      limits,
      limitsByKind,
      alarms: {
        breach: (at, error) =>
          this.options.breach(`${at.kind}/${at.id} broke an assertion: ${String(error)}`),
        parked: () => this.options.count("lane-parked"),
      },
      metrics: { count: (metric) => this.options.count(metric), gauge() {}, observe() {} },
      ...(archive ? { archive } : {}),
      ...(this.options.everywhere ? { placement: everyShard(name) } : {}),
    });
    const end = () => {
      process.die();
      port.cut();
      node.kill();
    };
    this.#nodes.set(name, { process, node, end });
    void node.start();
  }

  crash(name: string): void {
    this.#nodes.get(name)?.end();
    this.#nodes.delete(name);
  }

  /** A client in a process of its own: a gateway, the API. */
  client(name: string): { client: Client; process: Process } {
    const { time, network, around } = this.options;
    const process = new Process(name, time);
    let ids = 0;
    const client = createClient({
      network: networkOf(network.port(name), process, around),
      clock: process.clock,
      random: () => around.random.next(),
      freshId: () => `${name}-${ids++}`,
    });
    return { client, process };
  }

  async #fire(place: Place): Promise<boolean> {
    const live = [...this.#fires].filter(([, process]) => process.state !== "dead");
    if (live.length === 0) return false;
    const [take] = this.options.around.random.pick(live);
    const late = this.options.time.sleep(FIRE_ACK_MS).then(() => false);
    return await Promise.race([take(place), late]);
  }
}
