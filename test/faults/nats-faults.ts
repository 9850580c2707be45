// What befalls the journal's server and the way to it: killed, restarted, no room, a slow disk, a cut.
import { startChild, thisMachine, which } from "../../server/engines/mod.ts";
import type { ProxyFault } from "../../sim/fault-proxy.ts";
import { type Fault, pause, type Stage } from "./fault.ts";
import { smallDisk } from "./small-disk.ts";

const killed: Fault = {
  name: "F4 NATS kill -9",
  strike: (stage) => comesBack(stage, () => stage.scene.world.nats.kill()),
};

const restarted: Fault = {
  name: "F4 NATS restart",
  strike: (stage) => comesBack(stage, () => stage.scene.world.nats.stop()),
};

async function comesBack(stage: Stage, end: () => Promise<void>) {
  const { nats } = stage.scene.world;
  for (let left = stage.rounds(4); left > 0; left--) {
    const probes = await stage.probes();
    const isBusy = await stage.busyMoment();
    const before = nats.pid;
    const listening = stage.listen(probes);
    await end();
    await nats.restart();
    if (isBusy && nats.pid !== before) stage.hit();
    await listening;
    await pause(stage.random.between(1_000, 6_000));
  }
  return stage.struck("silence with the server's own restart in it");
}

const FULL_MS = 12_000; // phones wait 6 s for an answer: several rounds of them

const full: Fault = {
  name: "F5 NATS store full",
  missing: async () => await smallDisk.missing(),
  async prepare() {
    const disk = await smallDisk.mount();
    return { natsDir: disk.path, [Symbol.asyncDispose]: () => disk[Symbol.asyncDispose]() };
  },
  async strike(stage) {
    const { phones, world } = stage.scene;
    const dir = world.nats.logFile.replace(/\/[^/]+$/, "");
    for (let left = stage.rounds(2); left > 0; left--) {
      const probes = await stage.probes();
      await stage.busyMoment();
      const before = phones.failedTries;
      await smallDisk.fill(dir);
      await pause(FULL_MS);
      stage.hit(phones.failedTries - before);
      await smallDisk.free(dir);
      // nats-server keeps a stream's write error until it is started again, room or not
      await world.nats.restart();
      await stage.listen(probes);
      await pause(3_000);
    }
    return stage.struck("silence from its restart, after there is room again");
  },
};

const SLOW_MS = [200, 1_000];

const slow: Fault = {
  name: "F6 NATS slow disk",
  missing: () =>
    Promise.resolve(
      which("strace", thisMachine().path) === null ? "strace (package strace)" : null,
    ),
  async strike(stage) {
    const { nats, dir } = stage.scene.world;
    for (const [n, delayMs] of SLOW_MS.entries()) {
      const probes = await stage.probes();
      await stage.busyMoment();
      const output = `${dir}/strace-${n}`;
      const attach = ["-f", "-p", String(nats.pid), "-o", output];
      const delay = `delay_enter=${delayMs * 1_000}`;
      const calls = "fsync,fdatasync,sync_file_range";
      const strace = await startChild({
        name: "strace",
        command: which("strace", thisMachine().path)!,
        args: [...attach, "-e", `trace=${calls}`, "-e", `inject=${calls}:${delay}`],
        logFile: `${dir}/strace.log`,
      });
      try {
        await Promise.all([stage.listen(probes), stage.span(15_000)]);
      } finally {
        await strace.stop();
      }
      const calledLate = await Deno.readTextFile(output).catch(() => "");
      stage.hit(calledLate.split("\n").filter((line) => line.includes("(DELAYED)")).length);
      await pause(3_000);
    }
    return stage.struck(`each flush took ${SLOW_MS.join(", then ")} ms more`);
  },
};

const CUTS: readonly (readonly [string, ProxyFault])[] = [
  ["F13 cut both ways", { kind: "stall", way: "both" }],
  ["F13 cut from the node", { kind: "stall", way: "from-client" }],
  ["F13 cut to the node", { kind: "stall", way: "to-client" }],
  ["F13 connections reset", { kind: "reset" }],
];

const cuts: readonly Fault[] = CUTS.map(([name, cut]) => ({
  name,
  scene: { natsProxy: true },
  async strike(stage) {
    const { nodes, natsProxy } = stage.scene;
    const victim = nodes.length - 1;
    for (let left = stage.rounds(2); left > 0; left--) {
      const probes = await stage.probes(victim);
      const isBusy = await stage.busyMoment();
      const { heldBytes, resets } = natsProxy!.hits;
      natsProxy!.set(cut);
      try {
        const listening = stage.listen(probes, { asked: stage.othersThan(victim) });
        await Promise.all([listening, stage.span(12_000)]);
      } finally {
        natsProxy!.set({ kind: "none" });
      }
      const met = natsProxy!.hits.heldBytes > heldBytes || natsProxy!.hits.resets > resets;
      if (isBusy && met) stage.hit();
      await pause(5_000);
    }
    return stage.struck("actors of the node that was cut off, asked at the others");
  },
}));

export const natsFaults: readonly Fault[] = [killed, restarted, full, slow, ...cuts];
