// What comes in as a photo goes out as a picture alone, or not at all.
import { expect, test } from "vitest";
import { PHOTO_BYTES_MAX } from "../../wire/photo.ts";
import { jpegPhoto, METADATA, pngPhoto } from "../../sim/photo.ts";
import { pictureOf } from "./mod.ts";

const has = (data: Uint8Array) => Buffer.from(data).includes(Buffer.from(METADATA, "latin1"));
const cut = (file: Uint8Array, bytes: number) => file.subarray(0, file.length - bytes);

test.each([
  ["PNG", pngPhoto(4, 3), { mime: "image/png", widthPx: 4, heightPx: 3 }],
  ["JPEG", jpegPhoto(640, 480), { mime: "image/jpeg", widthPx: 640, heightPx: 480 }],
])("of a %s only the picture stays", (_name, file, facts) => {
  expect(has(file)).toBe(true);
  const picture = pictureOf(file);
  if (typeof picture === "string") throw new TypeError(picture);
  const { data, ...rest } = picture;
  expect(rest).toEqual({ ...facts, bytes: data.length });
  expect(has(data)).toBe(false);
  expect(pictureOf(data)).toEqual(picture); // nothing more to take out
});

test("a scan keeps its stuffing and restarts", () => {
  const picture = pictureOf(jpegPhoto());
  if (typeof picture === "string") throw new TypeError(picture);
  const scan = Buffer.from([0x12, 0xff, 0x00, 0x34, 0xff, 0xd0, 0x56, 0xff, 0xd9]);
  expect(Buffer.from(picture.data).subarray(-scan.length).equals(scan)).toBe(true);
});

test.each([
  ["a text", Buffer.from("<svg onload=alert(1)>"), "photo.type"],
  ["nothing", new Uint8Array(), "photo.type"],
  ["a GIF", Buffer.from("GIF89a"), "photo.type"],
  ["a PNG without its end", cut(pngPhoto(), METADATA.length + 12), "photo.broken"],
  ["a PNG of no size", pngPhoto(0, 0), "photo.broken"],
  ["a PNG larger than any phone's", pngPhoto(20_000, 1), "photo.broken"],
  ["a JPEG without its end", cut(jpegPhoto(), METADATA.length + 2), "photo.broken"],
  ["a JPEG's first bytes alone", Uint8Array.of(0xff, 0xd8, 0xff, 0xe1, 0xff, 0xff), "photo.broken"],
  ["more than the largest", new Uint8Array(PHOTO_BYTES_MAX + 1), "photo.too-large"],
])("%s is no photo", (_name, file, flaw) => {
  expect(pictureOf(file)).toBe(flaw);
});

test("no bytes break it: cut and changed at every place", () => {
  for (const file of [pngPhoto(), jpegPhoto()]) {
    for (let at = 0; at < file.length; at++) {
      pictureOf(file.subarray(0, at));
      const changed = Uint8Array.from(file);
      changed[at] = changed[at]! ^ 0xff;
      const picture = pictureOf(changed);
      if (typeof picture !== "string") expect(picture.data.length).toBeLessThan(file.length);
    }
  }
});
