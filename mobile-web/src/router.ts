// Pages of the driver's client and their addresses; what needs a sign-in goes there and comes back.
import { createRouter, createWebHistory, type RouteRecordRaw } from "vue-router";
import { running as runs } from "@chargeward/web-kit/mod.ts";
import type { Order } from "../../wire/http.ts";
import type { Platform } from "./platform.ts";

const open = { open: true };
const routes: RouteRecordRaw[] = [
  { path: "/", name: "stations", component: () => import("./pages/StationsPage.vue") },
  {
    path: "/sign-in",
    name: "sign-in",
    component: () => import("./pages/SignInPage.vue"),
    meta: open,
  },
  {
    path: "/stations/:stationId",
    name: "station",
    component: () => import("./pages/StationPage.vue"),
    props: true,
  },
  {
    path: "/p/:code?",
    name: "entry",
    component: () => import("./pages/EntryPage.vue"),
    props: true,
  },
  {
    path: "/piles/:pileId",
    name: "pile",
    component: () => import("./pages/PilePage.vue"),
    props: true,
  },
  {
    path: "/piles/:pileId/reserve",
    name: "reserve",
    component: () => import("./pages/ReservePage.vue"),
    props: true,
  },
  {
    path: "/reservations/:reservationId",
    name: "reservation",
    component: () => import("./pages/ReservationPage.vue"),
    props: true,
  },
  { path: "/orders", name: "orders", component: () => import("./pages/OrdersPage.vue") },
  {
    path: "/orders/:orderId",
    name: "order",
    component: () => import("./pages/OrderPage.vue"),
    props: true,
  },
  {
    path: "/orders/:orderId/receipt",
    name: "receipt",
    component: () => import("./pages/ReceiptPage.vue"),
    props: true,
  },
  { path: "/me", name: "me", component: () => import("./pages/MePage.vue") },
  { path: "/me/lines", name: "lines", component: () => import("./pages/LinesPage.vue") },
  { path: "/me/coupons", name: "coupons", component: () => import("./pages/CouponsPage.vue") },
  { path: "/me/notices", name: "notices", component: () => import("./pages/NoticesPage.vue") },
  { path: "/me/help", name: "my-help", component: () => import("./pages/MyHelpPage.vue") },
  { path: "/:rest(.*)*", redirect: "/" },
];

const leadsToCharge = new Set<unknown>(["stations", "station", "entry", "pile"]);
const PATIENCE_MS = 1500; // without an answer the page opens; the bar shows the charge later

export function createClientRouter({ session, active }: Platform) {
  const router = createRouter({
    history: createWebHistory("/"),
    routes,
    scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
  });
  let first = true;
  router.beforeEach(async (to) => {
    const opened = first;
    first = false;
    if (to.meta.open === true) return session.signedIn.value ? { name: "stations" } : true;
    if (!session.signedIn.value) return { name: "sign-in", query: { to: to.fullPath } };
    // opened anew while a charge runs: back to it, unless the driver looks at orders or money
    if (!opened || !leadsToCharge.has(to.name)) return true;
    const patience = new Promise<readonly Order[]>((done) => setTimeout(done, PATIENCE_MS, []));
    const orders = await Promise.race([active.load(), patience]);
    const running = orders.find(({ status }) => runs.has(status));
    return running === undefined ? true : { name: "order", params: { orderId: running.id } };
  });
  return router;
}
