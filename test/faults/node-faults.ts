// What befalls a server node: killed, frozen, asked to stop, its clock set wrong.
import { exists } from "../../server/engines/mod.ts";
import { type Fault, pause, type Stage } from "./fault.ts";

/** Longer than any time-out of the runtime (30 s: `internalTtlMs`). */
const FROZEN_MS = 35_000;
const HOUR_S = 3_600;
const FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";

async function isFrozen(pid: number): Promise<boolean> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`).catch(() => "");
  return /^State:\s+T/m.test(status);
}

/** One node goes away in its way; others are asked; it comes back. */
async function goAndComeBack(stage: Stage, go: (victim: number) => Promise<void>): Promise<void> {
  const victim = stage.anyNode();
  const node = stage.scene.nodes[victim]!;
  const probes = await stage.probes(victim);
  const isBusy = await stage.busyMoment();
  const before = node.pid;
  const asked = stage.othersThan(victim);
  const listening = stage.listen(probes, { asked });
  await Promise.all([go(victim), listening]);
  await node.restart();
  if (isBusy && node.pid !== before) stage.hit();
  await pause(stage.random.between(500, 3_000)); // others find out, or not yet
}

const killed: Fault = {
  name: "F1 kill -9",
  async strike(stage) {
    for (let left = stage.rounds(8); left > 0; left--) {
      await goAndComeBack(stage, async (n) => void await stage.scene.nodes[n]!.kill());
    }
    return stage.struck();
  },
};

const stopped: Fault = {
  name: "F1 graceful stop",
  async strike(stage) {
    for (let left = stage.rounds(5); left > 0; left--) {
      await goAndComeBack(stage, async (n) => void await stage.scene.nodes[n]!.stop());
    }
    return stage.struck();
  },
};

const frozen: Fault = {
  name: "F2 pause",
  async strike(stage) {
    for (let left = stage.rounds(2); left > 0; left--) {
      const victim = stage.anyNode();
      const node = stage.scene.nodes[victim]!;
      const probes = await stage.probes(victim);
      const isBusy = await stage.busyMoment();
      node.signal("SIGSTOP");
      try {
        const listening = stage.listen(probes, { asked: stage.othersThan(victim) });
        await Promise.all([listening, stage.span(FROZEN_MS)]);
        if (isBusy && await isFrozen(node.pid)) stage.hit();
      } finally {
        node.signal("SIGCONT");
      }
      await pause(5_000);
    }
    return stage.struck();
  },
};

/** Hours by which a server's own clock differs from ours. */
async function hoursOff(url: string): Promise<number> {
  const answer = await fetch(`${url}/healthz`);
  await answer.body?.cancel();
  const date = Date.parse(answer.headers.get("Date") ?? "");
  return Math.round((date - Date.now()) / (HOUR_S * 1_000));
}

const clockJumps: Fault = {
  name: "F15 clock jumps",
  missing: () => Promise.resolve(exists(FAKETIME) ? null : "libfaketime (package faketime)"),
  async strike(stage) {
    const { nodes, world } = stage.scene;
    const victim = nodes.length - 1;
    const node = nodes[victim]!;
    const file = `${world.dir}/clock`;
    await Deno.writeTextFile(file, "+0");
    const fake = {
      LD_PRELOAD: FAKETIME,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_CACHE_DURATION: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
    };
    await node.restart(fake);
    try {
      for (const hours of [1, -1]) {
        const probes = await stage.probes(victim);
        const isBusy = await stage.busyMoment();
        await Deno.writeTextFile(file, `${hours > 0 ? "+" : ""}${hours * HOUR_S}`);
        const listening = stage.listen(probes, { asked: stage.othersThan(victim) });
        await Promise.all([listening, stage.span(15_000)]);
        if (isBusy && await hoursOff(node.url) === hours) stage.hit();
        await Deno.writeTextFile(file, "+0");
        await stage.span(10_000);
      }
    } finally {
      await Deno.writeTextFile(file, "+0");
    }
    return stage.struck();
  },
};

export const nodeFaults: readonly Fault[] = [killed, stopped, frozen, clockJumps];
