// A photo that somebody sent: what is known of it. Its bytes lie in the object store, without metadata.
import * as z from "zod";

export const photoId = z.string().regex(/^pho_[0-9A-Za-z-]{4,60}$/);
/** As it is stored, after everything but the picture was taken out. */
export const PHOTO_BYTES_MAX = 3_000_000;
export const photoMime = z.enum(["image/jpeg", "image/png"]);
export const photoFacts = z.strictObject({
  photoId,
  mime: photoMime,
  bytes: z.int().min(1).max(PHOTO_BYTES_MAX),
  widthPx: z.int().min(1),
  heightPx: z.int().min(1),
});
export type PhotoFacts = z.infer<typeof photoFacts>;
/** Body of an upload: the file as base64. */
export const uploadBody = z.strictObject({
  data: z.base64().min(4).max(Math.ceil(PHOTO_BYTES_MAX / 3) * 4),
});
/** A photo as the console shows it. */
export const photoShown = z.strictObject({ ...photoFacts.shape, data: z.string() });
