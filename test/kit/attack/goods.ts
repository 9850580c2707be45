// Every mutation route with a body that would be taken, for attacks to spoil.
import { cityTariff } from "../../../sim/mod.ts";
import { noticeGoods } from "./notices.ts";

/** What the bodies are about. */
export interface About {
  pileId: string;
  stationId: string;
  orderId: string;
  paymentId: string;
}
export interface Good {
  who: "driver" | "admin" | null;
  method: "POST" | "PUT" | "DELETE";
  path: string;
  body: Record<string, unknown>;
  /** Wants a key; "timeless": of any day. */
  key?: "needed" | "timeless";
  headers?: Record<string, string>;
}

export const goodsOf = (about: About): Good[] => [
  ...signInGoods(),
  ...driverGoods(about),
  ...opsGoods(about),
  ...tariffGoods(about),
  ...noticeGoods(about.stationId),
  ...drillGoods(),
];

const phone = "13800000009";
const signInGoods = (): Good[] => [
  { who: null, method: "POST", path: "/v1/auth/code", body: { phone } },
  {
    who: null,
    method: "POST",
    path: "/v1/auth/sessions",
    body: { phone, code: "123456", device: "x", agreementVersion: "1" },
  },
  { who: null, method: "POST", path: "/v1/auth/refresh", body: { refresh: "a".repeat(40) } },
  { who: null, method: "POST", path: "/v1/ops/auth/password", body: { name: "a", password: "b" } },
  {
    who: null,
    method: "POST",
    path: "/v1/ops/auth/mfa",
    body: { ticket: "a".repeat(40), code: "123456" },
  },
  {
    who: null,
    method: "POST",
    path: "/v1/client-errors",
    body: { message: "x", stack: "y", page: "/", release: "1", at: "2026-01-01T00:00:00Z" },
  },
  { who: null, method: "PUT", path: "/sandbox/provider/behaviour", body: { next: [] } },
  { who: null, method: "POST", path: "/sandbox/pay/pay_0001", body: { outcome: "fail" } },
];

const driverGoods = ({ pileId, orderId, paymentId }: About): Good[] => {
  const base = { who: "driver" as const, method: "POST" as const, key: "needed" as const };
  const limit = { energyWh: 1_000, moneyFen: 500, timeMs: 600_000, socPct: 80 };
  const pay = { by: "wallet", autoCapture: true };
  const start = { pileId, connector: 1, tariffVersion: "tv_1", limit, pay, ageMs: 0 };
  return [
    { ...base, path: "/v1/orders", body: start },
    { ...base, path: `/v1/piles/${pileId}/lower-lock`, body: { connector: 1 } },
    { ...base, path: `/v1/orders/${orderId}/stop`, body: {}, key: "timeless" },
    {
      ...base,
      path: `/v1/orders/${orderId}/payments`,
      body: { purpose: "charge", by: "wechat" },
    },
    {
      ...base,
      path: "/v1/reservations",
      body: {
        pileId,
        connector: 1,
        from: "2026-01-01T00:00:00Z",
        minutes: 15,
        rulesVersion: "old",
        pay: { by: "wallet" },
      },
    },
    { ...base, path: "/v1/reservations/rsv_0001/cancel", body: { costVersion: "0-1" } },
    { ...base, path: "/v1/reservations/rsv_0001/start", body: start },
    { ...base, path: "/v1/reservations/rsv_0001/appeal", body: { text: "x" } },
    { ...base, path: `/v1/payments/${paymentId}/close`, body: {} },
    { ...base, path: "/v1/wallet/recharges", body: { fen: 100, by: "wechat" } },
    { ...base, path: "/v1/me/bindings", body: { by: "wechat" } },
    { ...base, method: "DELETE", path: "/v1/me/bindings/bnd_0001", body: {} },
    { ...base, path: "/v1/help", body: { orderId, pileId, text: "x" } },
    { ...base, path: `/v1/orders/${orderId}/overstay-appeals`, body: { text: "x" } },
    { ...base, path: `/v1/piles/${pileId}/bay-reports`, body: { connector: 1, text: "x" } },
    { ...base, path: "/v1/uploads", body: { data: "iVBORw0K" } },
    { who: "driver", method: "DELETE", path: "/v1/auth/sessions/this", body: {} },
  ];
};

const tariffGoods = ({ stationId }: About): Good[] => {
  const base = { who: "admin" as const, method: "POST" as const, key: "needed" as const };
  const reason = "attack";
  return [
    {
      ...base,
      path: "/v1/ops/tariffs",
      body: { stationId, tariff: cityTariff("bad") },
    },
    { ...base, method: "DELETE", path: `/v1/ops/tariffs/${stationId}:tv_bad-1`, body: {} },
    {
      ...base,
      path: `/v1/ops/tariffs/${stationId}:tv_bad-1/publish`,
      body: { reason, confirm: "free 60" },
    },
    {
      ...base,
      path: `/v1/ops/stations/${stationId}/tariffs/rollback`,
      body: { reason },
      headers: { "If-Match": '"1"' },
    },
    {
      who: "admin",
      method: "POST",
      path: `/v1/ops/tariffs/${stationId}:tv_bad-1/validate`,
      body: {},
    },
    {
      who: "admin",
      method: "POST",
      path: `/v1/ops/tariffs/${stationId}:tv_bad-1/simulate`,
      body: { charges: 10 },
    },
  ];
};

const bayGoods = (orderId: string): Good[] => {
  const base = { who: "admin" as const, method: "POST" as const, key: "needed" as const };
  const reason = "attack";
  return [
    { ...base, path: `/v1/ops/orders/${orderId}/bay-warning`, body: { reason } },
    { ...base, path: `/v1/ops/orders/${orderId}/bay-release`, body: { reason, shut: false } },
    {
      ...base,
      path: `/v1/ops/orders/${orderId}/overstay-decision`,
      body: { waive: true, reason },
    },
    { ...base, path: "/v1/ops/users/usr_0001/start-bar-lift", body: { reason } },
    { ...base, path: "/v1/ops/patrols/ptl_0001/take", body: {} },
    {
      ...base,
      path: "/v1/ops/patrols/ptl_0001/done",
      body: { note: "x", found: "nothing", photoId: "pho_0001" },
    },
    { ...base, path: "/v1/ops/uploads", body: { data: "iVBORw0K" } },
  ];
};

const opsGoods = ({ pileId, stationId, orderId }: About): Good[] => {
  const base = { who: "admin" as const, method: "POST" as const, key: "needed" as const };
  const reason = "attack";
  const names = { zh: "站", en: "Station" };
  const connectors = [{ no: 1, plug: "gb-dc", ratedPowerW: 60_000, reservable: true }];
  const geo = { lat: 31, lon: 121, zone: "Asia/Shanghai", phone: "021-5550" };
  const rated = { ratedPowerW: 60_000, secret: "x".repeat(20) };
  return [
    {
      ...base,
      path: "/v1/ops/stations",
      body: { name: names, address: names, ...geo, tariff: cityTariff("bad") },
    },
    {
      ...base,
      path: "/v1/ops/piles",
      body: { id: "BAD-9", stationId, connectors, lane: "native", ...rated },
    },
    { ...base, path: `/v1/ops/piles/${pileId}/secret`, body: { secret: "x".repeat(20) } },
    {
      ...base,
      path: `/v1/ops/piles/${pileId}/commands`,
      body: { kind: "disable", reason, confirm: true },
    },
    {
      ...base,
      path: `/v1/ops/piles/${pileId}/locks`,
      body: { connector: 1, form: "gate", rests: "up", way: { by: "pile" } },
    },
    {
      ...base,
      path: `/v1/ops/orders/${orderId}/force-stop`,
      body: { reason },
      key: "timeless",
    },
    { ...base, path: `/v1/ops/orders/${orderId}/review`, body: { accept: true, reason } },
    { ...base, path: `/v1/ops/parked/order/${orderId}/retry`, body: { reason } },
    ...bayGoods(orderId),
    {
      ...base,
      method: "PUT",
      path: "/v1/ops/id-tags",
      body: { idTag: "BAD", userId: "usr_0001", blocked: false },
    },
    { ...base, method: "DELETE", path: "/v1/ops/id-tags/BAD", body: {} },
    { who: "admin", method: "POST", path: "/v1/ops/estop", body: { pileId, reason } },
    { who: "admin", method: "POST", path: "/v1/ops/live-token", body: {} },
    { who: "admin", method: "DELETE", path: "/v1/ops/auth/session", body: {} },
  ];
};

const drillGoods = (): Good[] => {
  const base = { who: "admin" as const, method: "POST" as const };
  const words = { zh: "步", en: "step" };
  const step = { kind: "setup", words, ok: true, said: "", ms: 0 };
  const mode = { runId: "drl_0009", ids: [], without: [], settings: {}, forMs: 0 };
  return [
    { ...base, path: "/v1/ops/drills/2.7/runs", body: { without: [] }, key: "needed" },
    { ...base, path: "/v1/ops/drills/next", body: {} },
    { ...base, path: "/v1/ops/drills/runs/drl_0009/steps", body: { steps: [step] }, key: "needed" },
    {
      ...base,
      path: "/v1/ops/drills/runs/drl_0009/end",
      body: { passed: true, evidence: [] },
      key: "needed",
    },
    { ...base, method: "PUT", path: "/v1/ops/drills/mode", body: mode },
  ];
};
