// The one authorisation table of HTTP: which route is for whom. A route without a line does not start.
// Actors decide again by principal (owner, station scope); this is the outer door.
import type { OpsRole } from "../../wire/http-ops.ts";
import type { Who } from "./who.ts";

export interface Grant {
  driver: boolean;
  ops: readonly OpsRole[];
  /** Nobody needs to be signed in. */
  open: boolean;
}
const open: Grant = { driver: false, ops: [], open: true };
const driver: Grant = { driver: true, ops: [], open: false };
/** Admin is among all of them. */
const ops = (...roles: OpsRole[]): Grant => ({
  driver: false,
  ops: [...roles, "admin"],
  open: false,
});
const either = (...roles: OpsRole[]): Grant => ({ ...ops(...roles), driver: true });
const anyOps = ["viewer", "service", "operator", "finance"] as const;

export const grants: Readonly<Record<string, Grant>> = {
  "POST /v1/auth/code": open,
  "POST /v1/auth/sessions": open,
  "POST /v1/auth/refresh": open,
  "DELETE /v1/auth/sessions/this": driver,
  "POST /v1/ops/auth/password": open,
  "POST /v1/ops/auth/mfa": open,
  "GET /v1/ops/auth/session": ops(...anyOps),
  "DELETE /v1/ops/auth/session": ops(...anyOps),
  "POST /v1/ops/live-token": ops(...anyOps),

  "GET /v1/stations": open,
  "GET /v1/stations/{id}": open,
  "GET /v1/piles/{id}": open,
  "GET /v1/piles/{id}/quote": either(...anyOps),
  "POST /v1/piles/{id}/lower-lock": driver,
  "GET /v1/piles/{id}/reservation-rules": either(...anyOps),
  "GET /v1/resolve": open,

  "POST /v1/orders": driver,
  "GET /v1/orders": either(...anyOps),
  "GET /v1/orders/{id}": either(...anyOps),
  "POST /v1/orders/{id}/stop": either("service", "operator"),
  "GET /v1/orders/{id}/bill": either(...anyOps),
  "GET /v1/orders/{id}/curve": either(...anyOps),
  "GET /v1/orders/{id}/receipt": either(...anyOps),
  "POST /v1/reservations": driver,
  "GET /v1/reservations": driver,
  "GET /v1/reservations/{id}": either(...anyOps),
  "GET /v1/reservations/{id}/cancel-cost": driver,
  "POST /v1/reservations/{id}/cancel": driver,
  "POST /v1/reservations/{id}/start": driver,
  "POST /v1/reservations/{id}/appeal": driver,
  "POST /v1/orders/{id}/top-up": driver,
  "POST /v1/orders/{id}/appeals": driver,
  "POST /v1/orders/{id}/overstay-appeals": driver,
  "POST /v1/orders/{id}/payments": driver,
  "GET /v1/payments/{id}": either("service", "finance"),
  "POST /v1/payments/{id}/close": driver,
  "GET /v1/me/active": driver,
  "GET /v1/wallet": driver,
  "GET /v1/wallet/lines": driver,
  "GET /v1/coupons": driver,
  "POST /v1/wallet/recharges": driver,
  "POST /v1/me/bindings": driver,
  "GET /v1/me/bindings": driver,
  "DELETE /v1/me/bindings/{id}": driver,
  "GET /v1/me/notices": driver,
  "POST /v1/me/notices/read": driver,
  "GET /v1/me/push": driver,
  "PUT /v1/me/push": driver,
  "DELETE /v1/me/push/{deviceId}": driver,
  "GET /v1/me/reach": driver,
  "PUT /v1/me/reach": driver,
  "POST /v1/me/reach/mail": driver,
  "POST /v1/help": driver,
  "GET /v1/help": driver,
  "GET /v1/help/{id}": driver,
  "POST /v1/uploads": driver,
  "POST /v1/piles/{id}/bay-reports": driver,
  "POST /v1/client-errors": open,

  "POST /v1/ops/stations": ops("operator"),
  "PUT /v1/ops/stations/{id}/phone": ops("operator"),
  "GET /v1/ops/stations/{id}/stickers": ops(...anyOps),
  "GET /v1/ops/tariffs": ops(...anyOps),
  "POST /v1/ops/tariffs": ops("operator", "finance"),
  "DELETE /v1/ops/tariffs/{id}": ops("operator", "finance"),
  "POST /v1/ops/tariffs/{id}/validate": ops("operator", "finance"),
  "POST /v1/ops/tariffs/{id}/simulate": ops("operator", "finance"),
  "POST /v1/ops/tariffs/{id}/publish": ops("operator", "finance"),
  "POST /v1/ops/stations/{id}/tariffs/rollback": ops("operator", "finance"),
  "POST /v1/ops/piles": ops("operator"),
  "GET /v1/ops/piles": ops(...anyOps),
  "POST /v1/ops/piles/{id}/secret": ops("operator"),
  "POST /v1/ops/piles/{id}/commands": ops("operator"),
  "POST /v1/ops/piles/{id}/locks": ops("operator"),
  "GET /v1/ops/piles/{id}/locks": ops(...anyOps),
  "GET /v1/ops/piles/{id}/timeline": ops(...anyOps),
  "GET /v1/ops/piles/{id}/reservations": ops(...anyOps),
  "GET /v1/ops/stations/{id}/reservations": ops(...anyOps),
  "POST /v1/ops/reservations/{id}/appeal": ops("service"),
  "GET /v1/ops/wall": ops(...anyOps),
  "GET /v1/ops/actors/{kind}/{id}": ops("operator"),
  "GET /v1/ops/nodes": ops(...anyOps),
  "GET /v1/ops/parked": ops(...anyOps),
  "POST /v1/ops/parked/{kind}/{id}/retry": ops("operator"),
  "GET /v1/ops/incidents": ops(...anyOps),
  "GET /v1/ops/tickets": ops(...anyOps),
  "POST /v1/ops/tickets/{id}/take": ops("service", "operator"),
  "POST /v1/ops/tickets/{id}/close": ops("service", "operator"),
  "POST /v1/ops/orders/{id}/force-stop": ops("service", "operator"),
  "POST /v1/ops/orders/{id}/review": ops("finance"),
  "POST /v1/ops/orders/{id}/bay-warning": ops("service", "operator"),
  "POST /v1/ops/orders/{id}/bay-release": ops("operator"),
  "POST /v1/ops/orders/{id}/overstay-decision": ops("service", "finance"),
  "GET /v1/ops/patrols": ops(...anyOps),
  "POST /v1/ops/patrols/{id}/take": ops("service", "operator"),
  "POST /v1/ops/patrols/{id}/done": ops("service", "operator"),
  "POST /v1/ops/uploads": ops("service", "operator"),
  "GET /v1/ops/photos/{id}": ops("service", "operator"),
  "GET /v1/ops/users/{id}/start-bar": ops("service"),
  "POST /v1/ops/users/{id}/start-bar-lift": ops("service"),
  "POST /v1/ops/orders/{id}/adjustments": ops("service", "finance"),
  "POST /v1/ops/orders/{id}/appeal-refusal": ops("service", "finance"),
  "GET /v1/ops/approvals": ops("service", "finance"),
  "GET /v1/ops/approvals/{id}": ops("service", "finance"),
  "POST /v1/ops/approvals/{id}/decision": ops("finance"),
  "POST /v1/ops/campaigns": ops("finance"),
  "GET /v1/ops/campaigns": ops("finance", "service"),
  "GET /v1/ops/campaigns/{id}": ops("finance", "service"),
  "POST /v1/ops/campaigns/{id}/grants": ops("finance"),
  "PUT /v1/ops/users/{id}/credit": ops("finance"),
  "GET /v1/ops/books": ops(...anyOps),
  "POST /v1/ops/books/audit": ops("finance", "operator"),
  "POST /v1/ops/estop": ops(...anyOps), // whoever sees the danger may end it
  "POST /v1/ops/reconciliations": ops("finance"),
  "GET /v1/ops/reconciliations/{source}/{day}": ops("finance", "service"),
  "GET /v1/ops/cases": ops("finance", "service"),
  "POST /v1/ops/cases/{id}/settle": ops("finance"),
  "GET /v1/ops/id-tags": ops("service", "operator"),
  "PUT /v1/ops/id-tags": ops("operator"),
  "DELETE /v1/ops/id-tags/{idTag}": ops("operator"),

  "GET /v1/ops/actors/{kind}/{id}/timeline": ops("service", "operator", "finance"),
  "GET /v1/ops/drills": ops(...anyOps),
  "POST /v1/ops/drills/{row}/runs": ops("operator"),
  "GET /v1/ops/drills/runs/{id}": ops(...anyOps),
  "POST /v1/ops/drills/next": ops("operator"),
  "POST /v1/ops/drills/runs/{id}/steps": ops("operator"),
  "POST /v1/ops/drills/runs/{id}/end": ops("operator"),
  "PUT /v1/ops/drills/mode": ops("operator"),

  "POST /v1/callbacks/pay/{provider}": open, // its signature says who
  "POST /v1/callbacks/lock/{partner}": open, // its signature says who

  "GET /sandbox/inbox": open,
  "GET /sandbox/provider/behaviour": open,
  "PUT /sandbox/provider/behaviour": open,
  "GET /sandbox/provider/bill": open,
  "GET /sandbox/pay/{paymentId}": open,
  "POST /sandbox/pay/{paymentId}": open,
};

export type Verdict = "ok" | "auth.required" | "auth.forbidden";
export function admits(grant: Grant, who: Who): Verdict {
  if (grant.open) return "ok";
  switch (who.kind) {
    case "nobody":
      return "auth.required";
    case "driver":
      return grant.driver ? "ok" : "auth.forbidden";
    case "ops":
      return who.user.roles.some((role) => grant.ops.includes(role)) ? "ok" : "auth.forbidden";
  }
}
