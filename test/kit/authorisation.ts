// The authorisation table as one page, made from what decides: routes, actors' commands, rooms, NATS.
import { NATS_DENIED } from "../../server/engines/mod.ts";
import { grants as routes } from "../../server/http/mod.ts";
import { targetOf } from "../../server/live/mod.ts";
import { actorKinds } from "../../server/roles/actors.ts";
import { deviceGrants } from "../../wire/subjects.ts";

const ops = {
  kind: "ops",
  tenant: "main",
  user: { id: "ops_1", roles: ["viewer"], scope: null },
  sid: "s",
  expiresAt: 0,
} as const;
const driver = { kind: "driver", tenant: "main", userId: "usr_1", sid: "s", expiresAt: 0 } as const;
const ROOMS = ["order:x", "pile:x", "station:x", "user:me", "wall:all", "alerts", "drill:x"];

const table = (heads: string[], rows: string[][]): string =>
  [heads, heads.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");

function routeRows(): string[][] {
  return Object.entries(routes).map(([route, grant]) => [
    `\`${route}\``,
    grant.open ? "yes" : "",
    grant.driver ? "yes" : "",
    grant.ops.join(", "),
  ]);
}

function commandRows(): string[][] {
  return actorKinds.flatMap(({ kind, grants }) =>
    Object.entries(grants).map(([command, who]) => [kind, command, who.join(", ")])
  );
}

function roomRows(): string[][] {
  const may = (room: string, viewer: Parameters<typeof targetOf>[1]) =>
    targetOf(room, viewer) === null ? "" : "yes";
  return ROOMS.map((room) => [`\`${room}\``, may(room, driver), may(room, ops)]);
}

function natsRows(): string[][] {
  const { publish, subscribe } = deviceGrants("main", "PILE");
  const roles = Object.entries(NATS_DENIED).map(([role, denied]) => [
    `role ${role}`,
    `all of its account but \`${denied?.join(" ")}\``,
    "all of its account",
  ]);
  return [
    ...roles,
    ["pile PILE of tenant main", `\`${publish.join(" ")}\``, `\`${subscribe.join(" ")}\``],
  ];
}

export function authorisationPage(): string {
  return `${
    [
      "# Who may do what",
      "Made from the code that decides; `test/contract/authorisation.test.ts` keeps it true.",
      "## HTTP routes",
      table(["route", "open", "driver", "ops roles"], routeRows()),
      "## Commands of actors",
      "By the kind of principal; owner, role and station scope are looked at by the actor itself.",
      table(["actor", "command", "principals"], commandRows()),
      "## Rooms",
      "Whether one may see that very order or pile is asked of its actor.",
      table(["room", "driver", "ops"], roomRows()),
      "## Subjects of NATS",
      table(["who", "may publish", "may subscribe"], natsRows()),
    ].join("\n\n")
  }\n`;
}
