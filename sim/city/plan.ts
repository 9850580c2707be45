// What the demo city consists of: three stations, 24 piles on both lanes, 12 drivers, and one phone
// that is left to whoever tries the demo. Places are real, stations and numbers are made up.
import type { ConnectorSpec } from "../pile/mod.ts";
import type { StationPlan } from "./ops.ts";
import { cityTariff, hubTariff } from "./tariffs.ts";

export interface CityPile {
  readonly id: string;
  readonly station: string;
  readonly lane: "native" | "ocpp1.6";
  readonly model: string;
  readonly connectors: readonly ConnectorSpec[];
  readonly ratedPowerW: number;
  /** Always has a car plugged in and waits for a person, not for a simulated driver. */
  readonly forGuests: boolean;
  /** A ground lock at its bay: down, but for reservations. */
  readonly locked: boolean;
}

export interface CityPlan {
  readonly stations: Readonly<Record<string, StationPlan>>;
  readonly piles: readonly CityPile[];
  readonly drivers: readonly { readonly phone: string; readonly idTag: string }[];
  /** Nobody simulated uses this one. */
  readonly guestPhone: string;
}

const ZONE = "Asia/Shanghai";

const stations: Record<string, StationPlan> = {
  RMG: {
    name: { zh: "人民广场停车库充电站", en: "People's Square Garage" },
    address: {
      zh: "上海市黄浦区人民大道 地下二层",
      en: "Renmin Avenue, level B2, Huangpu, Shanghai",
    },
    lat: 31.23086,
    lon: 121.47037,
    zone: ZONE,
    phone: "021-55500101",
    tariff: cityTariff("people-square"),
  },
  HQH: {
    name: { zh: "虹桥枢纽 P10 充电站", en: "Hongqiao Hub P10" },
    address: { zh: "上海市闵行区申虹路", en: "Shenhong Road, Minhang, Shanghai" },
    lat: 31.19407,
    lon: 121.31526,
    zone: ZONE,
    phone: "021-55500102",
    tariff: hubTariff("hongqiao-hub"),
  },
  ZJP: {
    name: { zh: "张江科学城充电站", en: "Zhangjiang Science City" },
    address: { zh: "上海市浦东新区碧波路", en: "Bibo Road, Pudong, Shanghai" },
    lat: 31.20362,
    lon: 121.58709,
    zone: ZONE,
    phone: "021-55500103",
    tariff: cityTariff("zhangjiang"),
  },
};

type Kit = readonly [
  lane: CityPile["lane"],
  plug: ConnectorSpec["plug"],
  kW: number,
  guns?: number,
  use?: "guests" | "locked",
];
/** The piles of each station: mostly direct current, on both lanes. */
const KITS: readonly Kit[] = [
  ["native", "gb-dc", 120, 1, "locked"],
  ["native", "gb-dc", 180, 2],
  ["native", "gb-dc", 60, 1, "guests"],
  ["native", "gb-ac", 7],
  ["ocpp1.6", "gb-dc", 120],
  ["ocpp1.6", "gb-dc", 60],
  ["ocpp1.6", "gb-dc", 90],
  ["ocpp1.6", "gb-ac", 7],
];

function pileOf(station: string, kit: Kit, index: number): CityPile {
  const [lane, plug, kW, guns = 1, use] = kit;
  const connectors = Array.from({ length: guns }, (_, i) => ({
    no: i + 1,
    plug,
    ratedPowerW: kW * 1_000 / guns,
  }));
  const model = `SIM ${plug === "gb-ac" ? "AC" : "DC"} ${kW}`;
  const id = `SH-${station}-${String(index + 1).padStart(2, "0")}`;
  const by = { forGuests: use === "guests", locked: use === "locked" };
  return { id, station, lane, model, connectors, ratedPowerW: kW * 1_000, ...by };
}

const DRIVERS = 12;
const phoneOf = (i: number) => `138001380${String(i).padStart(2, "0")}`;

export const cityPlan: CityPlan = {
  stations,
  piles: Object.keys(stations).flatMap((station) =>
    KITS.map((kit, index) => pileOf(station, kit, index))
  ),
  drivers: Array.from({ length: DRIVERS }, (_, i) => ({
    phone: phoneOf(i + 1),
    idTag: `CARD${String(i + 1).padStart(4, "0")}`,
  })),
  guestPhone: phoneOf(0),
};
