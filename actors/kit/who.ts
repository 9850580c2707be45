// Who a command comes from, read off its principal: gateways and the host set it, nobody else can.
import type { Principal } from "../../wire/envelope.ts";

/** Is it that one actor, speaking for itself? */
export const isActor = (principal: Principal, kind: string, id: string): boolean =>
  principal.kind === "actor" && principal.id === `${kind}/${id}`;

export const isDriver = (principal: Principal, userId: string): boolean =>
  principal.kind === "driver" && principal.id === userId;

/** Ops with one of the roles; `admin` has all of them. */
export const hasRole = (principal: Principal, ...roles: readonly string[]): boolean =>
  principal.kind === "ops" &&
  (principal.roles ?? []).some((role) => role === "admin" || roles.includes(role));

/** May ops of this scope touch what lies at that station? No scope: all of the tenant. */
export const inScope = (principal: Principal, stationId: string | undefined): boolean =>
  !principal.scope || (stationId !== undefined && principal.scope.includes(stationId));

/** May they know of what is a driver's, at a station? Its driver, ops of the station, and ourselves. */
export function isOf(
  principal: Principal,
  { userId, stationId }: { userId: string; stationId: string | undefined },
): boolean {
  switch (principal.kind) {
    case "driver":
      return isDriver(principal, userId);
    case "ops":
      return inScope(principal, stationId);
    case "system":
    case "actor":
      return true;
    case "device":
    case "provider":
      return false;
  }
}
