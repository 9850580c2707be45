// What befalls the archive's database: gone and slow. The journal goes on without it.
import { type Fault, pause } from "./fault.ts";

const DOWN_MS = 25_000;

const down: Fault = {
  name: "F8 MongoDB down",
  async strike(stage) {
    const { world } = stage.scene;
    const probes = await stage.probes();
    const isBusy = await stage.busyMoment();
    const before = stage.traffic.charges.length;
    await world.mongo.kill();
    await Promise.all([stage.listen(probes), stage.span(DOWN_MS)]);
    const made = stage.traffic.charges.length - before;
    if (isBusy) stage.hit();
    await world.mongo.restart();
    await pause(2_000);
    return stage.struck(`${made} charges began without it`);
  },
};

const slow: Fault = {
  name: "F9 MongoDB slow",
  scene: { mongoProxy: true },
  async strike(stage) {
    const { mongoProxy } = stage.scene;
    const { heldBytes } = mongoProxy!.hits;
    for (const ms of [500, 5_000]) {
      const probes = await stage.probes();
      const isBusy = await stage.busyMoment();
      mongoProxy!.set({ kind: "delay", ms, jitterMs: ms / 10 });
      try {
        await Promise.all([stage.listen(probes), stage.span(DOWN_MS / 2)]);
      } finally {
        mongoProxy!.set({ kind: "none" });
      }
      if (isBusy && mongoProxy!.hits.heldBytes > heldBytes) stage.hit();
      await pause(1_000);
    }
    return stage.struck("every piece of data 0.5 s later, then 5 s");
  },
};

export const mongoFaults: readonly Fault[] = [down, slow];
