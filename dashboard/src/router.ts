// Pages of the console and their addresses; without a session everything leads to the sign-in.
import { createRouter, createWebHistory, type RouteRecordRaw } from "vue-router";
import type { Platform } from "./platform.ts";

const routes: RouteRecordRaw[] = [
  { path: "/sign-in", name: "sign-in", component: () => import("./pages/SignInPage.vue") },
  { path: "/", name: "wall", component: () => import("./pages/WallPage.vue") },
  { path: "/orders", name: "orders", component: () => import("./pages/OrdersPage.vue") },
  { path: "/incidents", name: "incidents", component: () => import("./pages/IncidentsPage.vue") },
  { path: "/approvals", name: "approvals", component: () => import("./pages/ApprovalsPage.vue") },
  {
    path: "/campaigns",
    name: "campaigns",
    component: () => import("./pages/CampaignsPage.vue"),
  },
  { path: "/cases", name: "cases", component: () => import("./pages/CasesPage.vue") },
  { path: "/bays", name: "bays", component: () => import("./pages/BaysPage.vue") },
  { path: "/help", name: "help", component: () => import("./pages/HelpPage.vue") },
  { path: "/stickers", name: "stickers", component: () => import("./pages/StickersPage.vue") },
  { path: "/tariffs", name: "tariffs", component: () => import("./pages/TariffsPage.vue") },
  { path: "/drills", name: "drills", component: () => import("./pages/DrillsPage.vue") },
  { path: "/nodes", name: "nodes", component: () => import("./pages/NodesPage.vue") },
  { path: "/:rest(.*)*", redirect: "/" },
];

export function createConsoleRouter({ session }: Platform) {
  const router = createRouter({ history: createWebHistory("/ops/"), routes });
  let asked = false;
  router.beforeEach(async (to) => {
    if (!asked) {
      asked = true;
      await session.load();
    }
    const signedIn = session.user.value !== null;
    if (to.name === "sign-in") return signedIn ? { name: "wall" } : true;
    return signedIn ? true : { name: "sign-in", query: { to: to.fullPath } };
  });
  return router;
}
