// Whoever names a photo has sent it: what is known of it, or a refusal as if there were none.
import type { PhotoFacts } from "../../wire/photo.ts";
import { type No, no } from "./answer.ts";
import type { HttpDeps } from "./deps.ts";
import type { Asked } from "./route.ts";

export const senderOf = ({ principal: { kind, id } }: Asked): string => `${kind}:${id}`;

export async function ownPhoto(
  { photos }: HttpDeps,
  asked: Asked,
  photoId: string,
): Promise<PhotoFacts | No> {
  const found = await photos.get(asked.tenant, photoId);
  if (!found || found.by !== senderOf(asked)) {
    // nothing was ever done under this key: an old one has nothing to repeat
    return asked.isStale ? no("key.clock") : no("photo.unknown", { photoId });
  }
  const { data: _data, by: _by, ...facts } = found;
  return facts;
}
