// Photos in memory, as the object store has them.
import type { Photos, StoredPhoto } from "../../server/photos/mod.ts";

export function memoryPhotos(): Photos {
  const kept = new Map<string, StoredPhoto>();
  return {
    put(tenant, photoId, by, { data, ...facts }) {
      kept.set(`${tenant}/${photoId}`, { photoId, ...facts, by, data });
      return Promise.resolve({ photoId, ...facts });
    },
    get: (tenant, photoId) => Promise.resolve(kept.get(`${tenant}/${photoId}`) ?? null),
  };
}
