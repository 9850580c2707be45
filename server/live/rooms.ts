// Rooms: which actor a name stands for, and who may watch it.
import type { Principal } from "../../wire/envelope.ts";
import type { Viewer } from "./ports.ts";

export type Target =
  | { room: string; kind: "actor"; actor: { kind: string; id: string } }
  | { room: string; kind: "wall"; stationId: string | null }
  | { room: string; kind: "alerts" };

/** Null: no such room (for this viewer). */
export function targetOf(room: string, viewer: Viewer): Target | null {
  const [head = "", id = ""] = room.split(":");
  switch (head) {
    case "order":
    case "pile":
    case "station":
    case "reservation":
    case "ticket":
      return { room, kind: "actor", actor: { kind: head, id } };
    case "user":
      return viewer.kind === "driver"
        ? { room, kind: "actor", actor: { kind: "user", id: viewer.userId } }
        : null;
    case "drill":
      return viewer.kind === "ops" ? { room, kind: "actor", actor: { kind: head, id } } : null;
    case "wall":
      if (viewer.kind !== "ops") return null;
      return { room, kind: "wall", stationId: id === "all" ? null : id };
    case "alerts":
      return viewer.kind === "ops" ? { room, kind: "alerts" } : null;
    default: // names come from clients
      return null;
  }
}

export function principalOf(viewer: Viewer): Principal {
  if (viewer.kind === "driver") return { kind: "driver", id: viewer.userId };
  const { id, roles, scope } = viewer.user;
  return { kind: "ops", id, roles: [...roles], ...(scope ? { scope: [...scope] } : {}) };
}

/** Is it of a station that the viewer may see? Drivers see every station. */
export function inScope(viewer: Viewer, stationId: string | undefined): boolean {
  if (viewer.kind === "driver" || viewer.user.scope === null) return true;
  return stationId !== undefined && viewer.user.scope.includes(stationId);
}

/** Which rights a viewer has: when it changes, rooms are looked at again. */
export const rightsOf = (viewer: Viewer): string =>
  viewer.kind === "driver" ? viewer.userId : JSON.stringify([viewer.user.roles, viewer.user.scope]);
