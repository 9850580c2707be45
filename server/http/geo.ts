// Distance on the ground between two places in WGS84: good to 0.5 %, which a list needs.
const EARTH_M = 6_371_000; // mean radius

interface Place {
  lat: number;
  lon: number;
}
export function distanceM(a: Place, b: Place): number {
  const rad = (degrees: number) => degrees * Math.PI / 180;
  const dLat = rad(b.lat - a.lat);
  const dLon = rad(b.lon - a.lon);
  const h = Math.sin(dLat / 2) ** 2 +
    Math.cos(rad(a.lat)) * Math.cos(rad(b.lat)) * Math.sin(dLon / 2) ** 2;
  return Math.round(2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(h))));
}
