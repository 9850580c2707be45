// Whoever names a photo has sent it: what is known of it, or null as if there were none.
import type { PhotoFacts } from "../../wire/photo.ts";
import type { HttpDeps } from "./deps.ts";
import type { Asked } from "./route.ts";

export const senderOf = ({ principal: { kind, id } }: Asked): string => `${kind}:${id}`;

export async function ownPhoto(
  { photos }: HttpDeps,
  asked: Asked,
  id: string,
): Promise<PhotoFacts | null> {
  const found = await photos.get(asked.tenant, id);
  if (!found || found.by !== senderOf(asked)) return null;
  const { data: _data, by: _by, ...facts } = found;
  return facts;
}
