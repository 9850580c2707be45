// The network and the machines between all parts, at random: a node's way to NATS and everybody's way to
// MongoDB delay, stall and reset; nodes are killed and frozen.
import type { Random } from "../../sim/mod.ts";
import type { FaultProxy, ProxyFault } from "../../sim/fault-proxy.ts";
import { pause } from "../faults/fault.ts";
import type { Scene } from "../faults/scene.ts";

const REST_MS: readonly [number, number] = [2_000, 10_000];
const SPAN_MS: readonly [number, number] = [500, 6_000];

type Kind = "node killed" | "node frozen" | "NATS" | "MongoDB";
const KINDS: readonly Kind[] = ["node killed", "node frozen", "NATS", "MongoDB"];

export class Network {
  /** What was done, by name. */
  readonly counts: Record<string, number> = {};
  #over = false;
  #turns: Promise<void>;

  constructor(readonly scene: Scene, readonly random: Random) {
    this.#turns = this.#goOn();
  }

  async #goOn(): Promise<void> {
    while (!this.#over) {
      await pause(this.random.between(...REST_MS));
      if (this.#over) return;
      await this.#one(this.random.pick(KINDS));
    }
  }

  #count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }

  async #one(kind: Kind): Promise<void> {
    const { nodes, natsProxy, mongoProxy } = this.scene;
    const node = this.random.pick(nodes);
    const span = this.random.between(...SPAN_MS);
    switch (kind) {
      case "node killed":
        this.#count(kind);
        await node.kill();
        await pause(span / 4);
        return await node.restart();
      case "node frozen":
        this.#count(kind);
        node.signal("SIGSTOP");
        await pause(span);
        return void node.signal("SIGCONT");
      case "NATS":
        return await this.#through(kind, natsProxy!, span);
      case "MongoDB":
        return await this.#through(kind, mongoProxy!, span);
    }
  }

  async #through(name: string, proxy: FaultProxy, span: number): Promise<void> {
    const fault = this.random.pick<ProxyFault>([
      { kind: "delay", ms: 50, jitterMs: 400 },
      { kind: "stall", way: this.random.pick(["both", "from-client", "to-client"]) },
      { kind: "reset" },
    ]);
    const before = { ...proxy.hits };
    proxy.set(fault);
    await pause(span);
    proxy.set({ kind: "none" });
    const hit = proxy.hits.heldBytes > before.heldBytes || proxy.hits.resets > before.resets;
    if (hit) this.#count(`${name} ${fault.kind}`);
  }

  /** No more of it; everything runs. */
  async heal(): Promise<void> {
    this.#over = true;
    await this.#turns;
  }
}
