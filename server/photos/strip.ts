// What comes in as a photo: by its own bytes a JPEG or PNG of a bounded size, and after this nothing but
// the picture. Place, time, camera, texts and whatever hangs behind the end are taken out.
import { PHOTO_BYTES_MAX, type PhotoFacts } from "../../wire/photo.ts";

export type Picture = Omit<PhotoFacts, "photoId"> & { data: Uint8Array };
export type Flaw = "photo.type" | "photo.broken" | "photo.too-large";

const SIDE_MAX = 12_000; // px; a phone's largest is 9,000

/** The picture alone, or why it is none. */
export function pictureOf(file: Uint8Array): Picture | Flaw {
  if (file.length > PHOTO_BYTES_MAX) return "photo.too-large";
  const found = isJpeg(file) ? jpeg(file) : isPng(file) ? png(file) : "photo.type";
  if (typeof found === "string") return found;
  const { widthPx, heightPx } = found;
  const fits = widthPx > 0 && heightPx > 0 && widthPx <= SIDE_MAX && heightPx <= SIDE_MAX;
  return fits ? { ...found, bytes: found.data.length } : "photo.broken";
}
type Found = Omit<Picture, "bytes">;

const isJpeg = (file: Uint8Array): boolean =>
  file[0] === 0xff && file[1] === 0xd8 && file[2] === 0xff;
const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const isPng = (file: Uint8Array): boolean => PNG.every((byte, i) => file[i] === byte);

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const ADOBE = 0xee; // says how colours are coded
const COMMENT = 0xfe;
const isApp = (marker: number): boolean => marker >= 0xe0 && marker <= 0xef;
/** Start of a frame: holds the size; not tables (C4), extensions (C8) or arithmetic (CC). */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

function jpeg(file: Uint8Array): Found | Flaw {
  const parts: Uint8Array[] = [Uint8Array.of(0xff, SOI)];
  let size: { widthPx: number; heightPx: number } | null = null;
  let at = 2;
  while (at + 4 <= file.length || (at + 2 <= file.length && file[at + 1] === EOI)) {
    if (file[at] !== 0xff) return "photo.broken";
    const marker = file[at + 1]!;
    if (marker === 0xff) { // fill byte
      at++;
      continue;
    }
    if (marker === EOI) {
      if (size === null) return "photo.broken";
      parts.push(Uint8Array.of(0xff, EOI));
      return { mime: "image/jpeg", ...size, data: Buffer.concat(parts) };
    }
    const length = file[at + 2]! * 256 + file[at + 3]!;
    const end = at + 2 + length;
    if (length < 2 || end > file.length) return "photo.broken";
    if (isFrame(marker)) {
      if (length < 8) return "photo.broken";
      const word = (i: number) => file[at + i]! * 256 + file[at + i + 1]!;
      size = { heightPx: word(5), widthPx: word(7) };
    }
    const dropped = (isApp(marker) && marker !== ADOBE) || marker === COMMENT;
    if (!dropped) parts.push(file.subarray(at, end));
    at = end;
    if (marker !== SOS) continue;
    const stop = scanEnd(file, at);
    parts.push(file.subarray(at, stop));
    at = stop;
  }
  return "photo.broken";
}

/** Where a scan's own bytes end: at the next marker that is neither stuffing nor a restart. */
function scanEnd(file: Uint8Array, from: number): number {
  for (let at = from; at + 1 < file.length; at++) {
    if (file[at] !== 0xff) continue;
    const next = file[at + 1]!;
    if (next !== 0 && !(next >= 0xd0 && next <= 0xd7)) return at;
  }
  return file.length;
}

const KEPT = new Set(["IHDR", "PLTE", "IDAT", "IEND", "tRNS", "sRGB", "gAMA"]);

function png(file: Uint8Array): Found | Flaw {
  const parts: Uint8Array[] = [Uint8Array.from(PNG)];
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  let size: { widthPx: number; heightPx: number } | null = null;
  let at = PNG.length;
  while (at + 12 <= file.length) {
    const length = view.getUint32(at);
    const name = String.fromCharCode(...file.subarray(at + 4, at + 8));
    const end = at + 12 + length;
    if (end > file.length) return "photo.broken";
    if (name === "IHDR") {
      if (length !== 13) return "photo.broken";
      size = { widthPx: view.getUint32(at + 8), heightPx: view.getUint32(at + 12) };
    }
    if (size === null) return "photo.broken"; // the header comes first
    if (KEPT.has(name)) parts.push(file.subarray(at, end));
    at = end;
    if (name === "IEND") return { mime: "image/png", ...size, data: Buffer.concat(parts) };
  }
  return "photo.broken";
}
