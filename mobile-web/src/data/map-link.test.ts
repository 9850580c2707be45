// Coordinates for a map: shifted on the Chinese mainland, nowhere else.
import { expect, test } from "vitest";
import { gcj02, mapLinks } from "./map-link.ts";

test.each([
  // published pairs: People's Square and Tiananmen, to a few metres
  [{ lat: 31.2304, lon: 121.4737 }, { lat: 31.22845, lon: 121.47819 }],
  [{ lat: 39.90734, lon: 116.39109 }, { lat: 39.90874, lon: 116.39733 }],
])("%o on the mainland", (from, to) => {
  const there = gcj02(from);
  expect(Math.abs(there.lat - to.lat)).toBeLessThan(0.0005);
  expect(Math.abs(there.lon - to.lon)).toBeLessThan(0.0005);
});

test("elsewhere a place stays where it is", () => {
  expect(gcj02({ lat: 52.52, lon: 13.405 })).toEqual({ lat: 52.52, lon: 13.405 });
});

test("the links name the place, and each has the coordinates that it wants", () => {
  const links = mapLinks({ lat: 52.52, lon: 13.405 }, "东站");
  expect(links.geo).toBe("geo:52.52,13.405?q=52.52,13.405(%E4%B8%9C%E7%AB%99)");
  expect(links.amap).toContain("to=13.405000,52.520000,%E4%B8%9C%E7%AB%99");
});
