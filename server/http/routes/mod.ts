// Every route of the platform, for the app, the documentation and the tests.
import type { HttpDeps } from "../deps.ts";
import type { Limits } from "../limits.ts";
import type { Route } from "../route.ts";
import { authRoutes } from "./auth.ts";
import { bayRoutes } from "./bays.ts";
import { billRoutes } from "./bills.ts";
import { helpRoutes } from "./help.ts";
import { lockRoutes } from "./locks.ts";
import { moneyRoutes } from "./money.ts";
import { noticeRoutes } from "./notices.ts";
import { opsActionRoutes } from "./ops-actions.ts";
import { opsAssetRoutes } from "./ops-assets.ts";
import { opsAuthRoutes } from "./ops-auth.ts";
import { opsCardRoutes } from "./ops-cards.ts";
import { opsApprovalRoutes } from "./ops-approvals.ts";
import { opsMoneyRoutes } from "./ops-money.ts";
import { opsDrillRoutes } from "./ops-drills.ts";
import { opsNodeRoutes } from "./ops-nodes.ts";
import { opsReserveRoutes } from "./ops-reserve.ts";
import { opsReconcileRoutes } from "./ops-reconcile.ts";
import { opsTariffRoutes } from "./ops-tariffs.ts";
import { opsWatchRoutes } from "./ops-watch.ts";
import { opsStationRoutes } from "./ops-stations.ts";
import { orderRoutes } from "./orders.ts";
import { callbackRoutes, sandboxRoutes } from "./outside.ts";
import { patrolRoutes } from "./patrols.ts";
import { pileRoutes } from "./piles.ts";
import { reservationRoutes } from "./reservations.ts";
import { stationRoutes } from "./stations.ts";

export const allRoutes = (deps: HttpDeps, limits: Limits): Route[] => [
  ...authRoutes(deps, limits),
  ...opsAuthRoutes(deps, limits),
  ...stationRoutes(deps),
  ...pileRoutes(deps),
  ...orderRoutes(deps),
  ...reservationRoutes(deps),
  ...moneyRoutes(deps),
  ...billRoutes(deps),
  ...bayRoutes(deps),
  ...patrolRoutes(deps, limits),
  ...helpRoutes(deps, limits),
  ...noticeRoutes(deps, limits),
  ...opsAssetRoutes(deps),
  ...opsStationRoutes(deps),
  ...opsTariffRoutes(deps),
  ...opsWatchRoutes(deps),
  ...opsNodeRoutes(deps),
  ...opsActionRoutes(deps),
  ...opsMoneyRoutes(deps),
  ...opsApprovalRoutes(deps),
  ...opsCardRoutes(deps),
  ...opsReconcileRoutes(deps),
  ...opsReserveRoutes(deps),
  ...(deps.drills ? opsDrillRoutes(deps, deps.drills) : []),
  ...lockRoutes(deps),
  ...callbackRoutes(deps),
  ...(deps.sandbox ? sandboxRoutes(deps, deps.sandbox) : []),
];
