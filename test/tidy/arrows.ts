// The arrows between folders that are forbidden (architecture), and the doors between them.
import { at, type Finding, isTest, type Rule, type Tree } from "./tree.ts";
import { type Import, importsOf, roomOf } from "./imports.ts";

const CLIENTS = ["mobile-web", "dashboard", "web-kit"];
const GATEWAYS = ["telemetry", "ocpp", "live", "http", "payment", "partners", "notify", "lock"]
  .map((name) => `server/${name}`);

/** One forbidden arrow: what starts there may not point there. */
interface Arrow {
  readonly from: (path: string) => boolean;
  readonly to: (path: string, from: string) => boolean;
  readonly says: string;
}

const under = (...folders: string[]) => (path: string) =>
  folders.some((folder) => path.startsWith(`${folder}/`));

const ARROWS: readonly Arrow[] = [
  {
    from: under("wire"),
    to: (path) => !under("wire")(path),
    says: "wire/ knows nobody: it is what everybody says",
  },
  {
    from: under("actors"),
    to: (path) => !under("actors", "wire")(path),
    says: "actors/ knows wire/ alone: it decides, others run it",
  },
  {
    from: under(...CLIENTS),
    to: (path) => !under(...CLIENTS, "wire")(path),
    says: "a client knows wire/ and the kit alone",
  },
  {
    from: under("server"),
    to: under("sim", "test", "drills", "bench", "tools", ...CLIENTS),
    says: "the server knows nothing of its outside world in small",
  },
  {
    from: under(...GATEWAYS),
    to: (path, from) => under(...GATEWAYS)(path) && roomOf(path) !== roomOf(from),
    says: "gateways meet only in main.ts",
  },
  {
    from: under("server/audit"),
    to: (path) => !under("server/audit")(path),
    says: "the auditor reads the archive alone, and shares no code with what it audits",
  },
  {
    from: under("server/runtime"),
    to: (path) =>
      !under("server/runtime", "server/routing", "actors/kit")(path) && !GENERIC_WIRE.has(path),
    says: "the runtime knows nothing of charging",
  },
  {
    from: under("server/routing"),
    to: (path) => !under("server/routing")(path) && !GENERIC_WIRE.has(path),
    says: "routing knows neither actors nor charging",
  },
];

// What any actor system would say: addresses, envelopes, moments, refusals as codes.
const GENERIC_WIRE = new Set([
  "wire/envelope.ts",
  "wire/ids.ts",
  "wire/refusals.ts",
  "wire/subjects.ts",
  "wire/units.ts",
  "server/observe.ts",
]);

/** No forbidden arrow; tests may reach anywhere. */
export const forbiddenArrows: Rule = (tree) =>
  own(tree).flatMap(({ from, node, to }) =>
    ARROWS
      .filter((arrow) => arrow.from(from.path) && arrow.to(to, from.path))
      .map(({ says }) => at(from, node, `${from.path} -> ${to}: ${says}`))
  );

// Other people's shapes stay with the gateway that speaks with them, and with its counterpart.
const FOREIGN: Readonly<Record<string, readonly string[]>> = {
  ocpp16: ["server/ocpp", "sim/pile"],
  ocpp201: ["server/ocpp", "sim/pile"],
  pay: ["server/payment", "sim/provider"],
  lock: ["server/lock", "sim/lock"],
  ykc: ["server/ykc", "sim/pile"],
  cec: ["server/partners", "sim/partner"],
};

/** `wire/foreign/x` is used by gateway x and its simulator alone. */
export const foreignShapesAtTheGate: Rule = (tree) =>
  own(tree).flatMap(({ from, node, to }) => {
    const name = /^wire\/foreign\/([a-z0-9-]+)/.exec(to)?.[1];
    if (name === undefined || from.path.startsWith(`wire/foreign/${name}`)) return [];
    const homes = FOREIGN[name] ?? [];
    if (homes.some((home) => under(home)(from.path))) return [];
    const where = homes.join(" and ") || "nobody yet (test/tidy/arrows.ts)";
    return [at(from, node, `${from.path} -> ${to}: these shapes belong to ${where}`)];
  });

// Tools that every kind of actor works with, as open as wire/.
const OPEN_ROOMS = new Set(["actors/kit"]);

/** Another room is entered by its door, mod.ts. */
export const throughTheDoor: Rule = (tree) =>
  own(tree).flatMap(({ from, node, to }) => {
    const room = roomOf(to);
    if (!room.includes("/") || roomOf(from.path) === room || OPEN_ROOMS.has(room)) return [];
    if (!tree.has(`${room}/mod.ts`) || to === `${room}/mod.ts`) return [];
    return [at(from, node, `${from.path} -> ${to}: enter by ${room}/mod.ts`)];
  });

/** Nothing is loaded from outside the tree or its packages, and every path leads somewhere. */
export const insideTheTree: Rule = (tree) =>
  importsOf(tree).flatMap(({ from, node, specifier, kind, to }): Finding[] => {
    if (kind === "foreign") return [at(from, node, `"${specifier}" lies outside the tree`)];
    if (kind === "own" && to === null && !specifier.startsWith("@chargeward/")) {
      return [at(from, node, `"${specifier}" leads nowhere in the tree`)];
    }
    return [];
  });

/** Imports of one file of the tree by another that is no test. */
function own(tree: Tree): (Import & { to: string })[] {
  return importsOf(tree).filter((one): one is Import & { to: string } =>
    one.to !== null && !isTest(one.from.path)
  );
}
