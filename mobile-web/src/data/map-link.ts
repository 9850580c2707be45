// The way to a place in the phone's own map: geo: takes WGS84; maps of the Chinese mainland want GCJ-02, to
// which the platform's coordinates are turned here and nowhere else.
const A = 6_378_245; // the ellipsoid of GCJ-02, in metres
const EE = 0.006_693_421_622_965_943;

interface Place {
  lat: number;
  lon: number;
}

/** Outside of this box nothing is shifted. */
const isMainland = ({ lat, lon }: Place): boolean =>
  lon > 72.004 && lon < 137.8347 && lat > 0.8293 && lat < 55.8271;

const wave = (x: number, ...parts: [amplitude: number, factor: number][]): number =>
  parts.reduce((sum, [amplitude, factor]) => sum + amplitude * Math.sin(factor * x * Math.PI), 0) *
  2 / 3;

function shift({ lat, lon }: Place): Place {
  const [x, y] = [lon - 105, lat - 35];
  const root = Math.sqrt(Math.abs(x));
  const common = wave(x, [20, 6], [20, 2]);
  const dLat = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common +
    wave(y, [20, 1], [40, 1 / 3]) + wave(y, [160, 1 / 12], [320, 1 / 30]);
  const dLon = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common +
    wave(x, [20, 1], [40, 1 / 3]) + wave(x, [150, 1 / 12], [300, 1 / 30]);
  return { lat: dLat, lon: dLon };
}

/** WGS84 to GCJ-02, good to a metre or two. */
export function gcj02({ lat, lon }: Place): Place {
  if (!isMainland({ lat, lon })) return { lat, lon };
  const by = shift({ lat, lon });
  const radians = lat / 180 * Math.PI;
  const magic = 1 - EE * Math.sin(radians) ** 2;
  const north = A * (1 - EE) / (magic * Math.sqrt(magic)) * Math.PI / 180;
  const east = A / Math.sqrt(magic) * Math.cos(radians) * Math.PI / 180;
  return { lat: lat + by.lat / north, lon: lon + by.lon / east };
}

const DIGITS = 6; // a tenth of a metre
export function mapLinks(place: Place, name: string) {
  const { lat, lon } = place;
  const there = gcj02(place);
  const to = `${there.lon.toFixed(DIGITS)},${there.lat.toFixed(DIGITS)}`;
  const label = encodeURIComponent(name);
  return {
    geo: `geo:${lat},${lon}?q=${lat},${lon}(${label})`,
    amap: `https://uri.amap.com/navigation?to=${to},${label}&mode=car&coordinate=gaode`,
  };
}
