// What happens to the world now and then: nodes crash, pause and come back, clocks jump, the journal is
// away or full, guns are pulled, power and links fail, cards are held to readers.
import type { Random } from "../../sim/random.ts";
import type { Cluster } from "./cluster.ts";
import type { Device, Socket } from "./device.ts";
import type { Faults, Mishap } from "./faults.ts";
import type { Line } from "./gateway.ts";
import type { Time } from "./time.ts";
import { USERS } from "./town.ts";

export interface Scene {
  time: Time;
  random: Random;
  faults: Faults;
  cluster: Cluster;
  lines: readonly Line[];
  weather: { away: boolean; full: boolean; archiveAway: boolean };
  /** Clocks are off by less than decides whether an actor may have left the journal. */
  skewMsMax: number;
  say(words: string): void;
  act(): void;
}

const MEAN_MS = 1_500;

/** One after the other until the world is healed. */
export function disturb(scene: Scene): void {
  const { time, random, faults, act } = scene;
  time.after(random.waiting(MEAN_MS), () => {
    if (faults.healed) return;
    const name = faults.mishap();
    if (name && happen(scene, name)) {
      faults.hit(name);
      act();
    }
    disturb(scene);
  });
}

/** False: there was nothing that it could have hit. */
function happen(scene: Scene, name: Mishap): boolean {
  switch (name) {
    case "node-crashes":
      return crash(scene);
    case "node-pauses":
      return pause(scene);
    case "clock-jumps":
      return jump(scene);
    case "journal-away":
      return spell(scene, "away", 4_000, "the journal cannot be reached");
    case "journal-full":
      spell(scene, "full", 3_000, "the journal is full");
      return false; // counted where it refuses
    case "archive-away":
      return spell(scene, "archiveAway", 20_000, "the archive is away");
    case "gun-pulled":
      return pull(scene);
    case "power-cut":
      return cutPower(scene);
    case "link-lost":
      return loseLink(scene);
    case "card-swiped":
      return swipe(scene);
    case "pile-faulty":
      return breakDown(scene);
  }
}

function crash({ cluster, random, time, say }: Scene): boolean {
  const names = cluster.names();
  if (names.length === 0) return false;
  const name = random.pick(names);
  say(`node ${name} crashes`);
  cluster.crash(name);
  time.after(random.between(200, 4_000), () => {
    say(`node ${name} is back`);
    cluster.start(name);
  });
  return true;
}

function pause({ cluster, random, time, say }: Scene): boolean {
  const up = cluster.names().filter((name) => cluster.process(name)!.state === "up");
  if (up.length === 0) return false;
  const name = random.pick(up);
  const process = cluster.process(name)!;
  say(`node ${name} is paused`);
  process.pause();
  time.after(random.between(300, 12_000), () => {
    if (process.state === "paused") say(`node ${name} goes on`);
    process.resume();
  });
  return true;
}

function jump({ cluster, random, say, skewMsMax }: Scene): boolean {
  const names = cluster.names();
  if (names.length === 0) return false;
  const name = random.pick(names);
  const process = cluster.process(name)!;
  process.skewMs = Math.round(random.between(-skewMsMax, skewMsMax));
  say(`the clock of node ${name} is off by ${process.skewMs} ms`);
  return true;
}

function spell(
  { weather, random, time, say }: Scene,
  what: keyof Scene["weather"],
  msMax: number,
  words: string,
): boolean {
  if (weather[what]) return false;
  say(words);
  weather[what] = true;
  time.after(random.between(200, msMax), () => {
    weather[what] = false;
    say(`${words}: over`);
  });
  return true;
}

function someSocket(
  { lines, random }: Scene,
  fits: (socket: Socket) => boolean,
): { line: Line; device: Device; no: number } | null {
  const all = lines.flatMap((line) =>
    line.device.sockets.filter(fits).map(({ no }) => ({ line, device: line.device, no }))
  );
  return all.length === 0 ? null : random.pick(all);
}

function pull(scene: Scene): boolean {
  const at = someSocket(scene, ({ session, pending }) => session !== null || pending !== null);
  if (!at) return false;
  scene.say(`the gun of ${at.device.id}/${at.no} is pulled`);
  at.device.unplug(at.no);
  return true;
}

function cutPower(scene: Scene): boolean {
  const { random, time, lines, say } = scene;
  const line = random.pick(lines);
  if (!line.device.powered) return false;
  say(`${line.device.id} has no power`);
  line.device.cut();
  line.lose(true);
  time.after(random.between(1_000, 25_000), () => powerUp(line, say));
  return true;
}
export function powerUp(line: Line, say: (words: string) => void): void {
  if (line.device.powered) return;
  say(`${line.device.id} has power again`);
  line.device.restore();
  void line.connect();
}

function loseLink({ random, time, lines, say }: Scene): boolean {
  const line = random.pick(lines);
  if (!line.online) return false;
  say(`the link of ${line.device.id} breaks`);
  line.lose(random.next() < 0.7);
  time.after(random.between(100, 10_000), () => {
    if (line.device.powered && !line.online) void line.connect();
  });
  return true;
}

function swipe(scene: Scene): boolean {
  const { random, say } = scene;
  const at = someSocket(scene, ({ plugged, session, pending }) => plugged && !session && !pending);
  if (!at) return false;
  const [userId] = random.pick(USERS);
  const isKnown = random.next() < 0.8;
  say(`a card is held to ${at.device.id}/${at.no}`);
  at.device.swipe(
    at.no,
    `CARD-${userId.slice(4, 8)}`,
    isKnown ? userId : null,
    random.next() < 0.2,
  );
  return true;
}

function breakDown(scene: Scene): boolean {
  const { random, time, say } = scene;
  const at = someSocket(scene, () => true);
  if (!at?.device.powered) return false;
  say(`${at.device.id}/${at.no} has a fault`);
  at.device.fault(at.no, false);
  time.after(random.between(2_000, 15_000), () => at.device.fault(at.no, true));
  return true;
}
