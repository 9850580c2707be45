// A photo as a phone sends it: a picture, and beside it words about place and camera that nobody needs.
import { deflateSync } from "node:zlib";

/** Words that must not be kept. */
export const METADATA = "GPS 31.2304N 121.4737E";

function crcOf(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let k = 0; k < 8; k++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

function chunk(name: string, data: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crcOf(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** A grey PNG of that size, with metadata in a text chunk and more behind its end. */
export function pngPhoto(widthPx = 4, heightPx = 3): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(widthPx, 0);
  header.writeUInt32BE(heightPx, 4);
  header[8] = 8; // bits, of one grey channel
  const pixels = Buffer.alloc((widthPx + 1) * heightPx, 0x80);
  for (let row = 0; row < heightPx; row++) pixels[row * (widthPx + 1)] = 0; // no filter
  return Buffer.concat([
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk("IHDR", header),
    chunk("tEXt", Buffer.from(`Comment\0${METADATA}`, "latin1")),
    chunk("IDAT", deflateSync(pixels)),
    chunk("IEND", new Uint8Array()),
    Buffer.from(METADATA, "latin1"),
  ]);
}

/** A JPEG's frame around no real picture: what a reader of its parts sees. */
export function jpegPhoto(widthPx = 640, heightPx = 480): Uint8Array {
  const part = (marker: number, data: Uint8Array) =>
    Buffer.concat([
      Uint8Array.of(0xff, marker, (data.length + 2) >> 8, (data.length + 2) & 0xff),
      data,
    ]);
  const size = Uint8Array.of(8, heightPx >> 8, heightPx & 255, widthPx >> 8, widthPx & 255, 1);
  return Buffer.concat([
    Uint8Array.of(0xff, 0xd8),
    part(0xe1, Buffer.from(`Exif\0\0${METADATA}`, "latin1")),
    part(0xfe, Buffer.from(METADATA, "latin1")),
    part(0xdb, new Uint8Array(65)),
    part(0xc0, Buffer.concat([size, Uint8Array.of(1, 0x11, 0)])),
    part(0xda, Uint8Array.of(1, 1, 0, 0, 63, 0)),
    Uint8Array.of(0x12, 0xff, 0x00, 0x34, 0xff, 0xd0, 0x56),
    Uint8Array.of(0xff, 0xd9),
    Buffer.from(METADATA, "latin1"),
  ]);
}
