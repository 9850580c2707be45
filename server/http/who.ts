// Who asks: nobody in particular, a driver by token, ops by session; and how actors are told of it.
import type { Principal } from "../../wire/envelope.ts";
import type { OpsUser } from "../../wire/http-ops.ts";

export type Who =
  | { kind: "nobody" }
  | { kind: "driver"; tenant: string; userId: string; sid: string; expiresAt: number }
  | { kind: "ops"; tenant: string; user: OpsUser; sid: string; csrf: string; expiresAt: number };
export type SignedIn = Exclude<Who, { kind: "nobody" }>;

export function principalOf(who: Who): Principal {
  switch (who.kind) {
    case "nobody":
      return { kind: "system", id: "http" };
    case "driver":
      return { kind: "driver", id: who.userId };
    case "ops": {
      const { id, roles, scope } = who.user;
      return { kind: "ops", id, roles: [...roles], ...(scope ? { scope: [...scope] } : {}) };
    }
  }
}

/** May the asker touch what lies at that station? Drivers are not bound to stations. */
export function inScope(who: Who, stationId: string | undefined): boolean {
  if (who.kind !== "ops" || who.user.scope === null) return true;
  return stationId !== undefined && who.user.scope.includes(stationId);
}
