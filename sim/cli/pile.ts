// `sim pile`: one pile in the foreground, its events as lines, orders from stdin.
import { createInterface } from "node:readline";
import {
  fileStore,
  type Misbehaviour,
  misbehaviourNames,
  type Pile,
  startNativePile,
  startOcppPile,
} from "../pile/mod.ts";
import { createCar, pickModel } from "../vehicle/mod.ts";
import { seeded, seedOf } from "../random.ts";
import { type Options, readOptions, type Say, speaker, untilAsked, UsageFault } from "./options.ts";
import { PILE_ORDERS } from "./usage.ts";

export async function runPile(args: string[]): Promise<number> {
  const options = readOptions(args, {
    lane: { type: "string" },
    id: { type: "string" },
    secret: { type: "string" },
    url: { type: "string" },
    "platform-key": { type: "string" },
    tenant: { type: "string", default: "main" },
    "sample-seconds": { type: "string", default: "10" },
    "power-kw": { type: "string", default: "60" },
    ac: { type: "boolean" },
    register: { type: "string", default: "0" },
    file: { type: "string" },
    plug: { type: "boolean" },
    soc: { type: "string", default: "30" },
    card: { type: "string" },
    fault: { type: "string" },
    bad: { type: "string" },
    seconds: { type: "string", default: "0" },
    json: { type: "boolean" },
  });
  const say = speaker(options.flag("json"));
  const pile = startPile(options, say);
  pile.watch(({ kind, ...facts }) => say(kind, facts));
  const bad = options.maybe("bad");
  if (bad !== undefined) pile.misbehave(misbehaviourOf(bad));
  await Promise.race([pile.linked(), untilAsked(options.number("seconds"))]);
  say("linked", pile.link());
  if (options.flag("plug")) plug(pile, options, options.number("soc"));
  const card = options.maybe("card");
  if (card !== undefined) say("card", { accepted: await pile.card(card) });
  const fault = options.maybe("fault");
  if (fault !== undefined) pile.fault(fault);
  const orders = listen(pile, options, say);
  await Promise.race([orders, untilAsked(options.number("seconds"))]);
  await pile.stop();
  return 0;
}

function startPile(options: Options, say: Say): Pile {
  const kind = options.flag("ac") ? "gb-ac" : "gb-dc";
  const ratedPowerW = options.number("power-kw") * 1_000;
  const file = options.maybe("file");
  const common = {
    id: options.text("id"),
    secret: options.text("secret"),
    url: options.text("url"),
    connectors: [{ no: 1, plug: kind, ratedPowerW } as const],
    registerWh: options.number("register"),
    say: (words: string) => say("note", { words }),
    ...(file === undefined ? {} : { store: fileStore(file) }),
  };
  switch (options.text("lane")) {
    case "native": {
      const platformKey = options.text("platform-key");
      return startNativePile({ ...common, tenant: options.text("tenant"), platformKey });
    }
    case "ocpp":
      return startOcppPile({ ...common, sampleSeconds: options.number("sample-seconds") });
    default:
      throw new UsageFault("--lane is native or ocpp");
  }
}

function plug(pile: Pile, options: Options, socPct: number): void {
  const kind = options.flag("ac") ? "ac" : "dc";
  const seed = seedOf(`${pile.id} ${pile.register()}`);
  pile.plug(createCar({ model: pickModel(seeded(seed), kind), kind, socPct, seed }));
}

/** `silentStart,lateStartMs=40000` */
export function misbehaviourOf(text: string): Partial<Misbehaviour> {
  const parts = text.split(",").map((part) => {
    const [name = "", value] = part.split("=");
    if (!(misbehaviourNames as string[]).includes(name)) {
      throw new UsageFault(`--bad knows ${misbehaviourNames.join(", ")}; not '${name}'`);
    }
    const number = Number(value);
    return [name, value === undefined ? true : Number.isNaN(number) ? value : number];
  });
  return Object.fromEntries(parts) as Partial<Misbehaviour>;
}

/** Settles at the order `exit`; the end of stdin alone ends nothing. */
function listen(pile: Pile, options: Options, say: Say): Promise<void> {
  const orders: Record<string, (word: string) => unknown> = {
    plug: (soc) => plug(pile, options, Number(soc) || options.number("soc")),
    unplug: () => pile.unplug(),
    card: async (tag) => say("card", { accepted: await pile.card(tag) }),
    stop: () => pile.stopHere(),
    estop: () => pile.emergencyStop(),
    fault: (code) => pile.fault(code === "" ? "InternalError" : code),
    bms: (code) => pile.vehicleFault(code === "" ? "BST.insulation" : code),
    push: () => pile.pushIn(),
    clear: () => pile.clearFault(),
    bad: (text) => pile.misbehave(misbehaviourOf(text)),
    good: () => pile.behave(),
    cut: (ms) => pile.cutLink(ms === "" ? undefined : Number(ms)),
    "power-off": (ms) => pile.losePower(ms === "" ? undefined : Number(ms)),
    "power-on": () => pile.powerOn(),
    meter: (wh) => pile.moveRegister(Number(wh)),
    status: () => say("status", { ...pile.status(), ...pile.link() }),
    help: () => console.error(PILE_ORDERS),
  };
  return new Promise((done) => {
    createInterface({ input: process.stdin }).on("line", (line) => {
      const [name = "", word = ""] = line.trim().split(/\s+/);
      if (name === "exit") return done();
      const order = Object.hasOwn(orders, name) ? orders[name] : orders.help;
      Promise.resolve().then(() => order?.(word)).catch((error) => {
        say("error", { words: error instanceof Error ? error.message : String(error) });
      });
    });
  });
}
