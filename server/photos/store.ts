// Where photos lie: a JetStream object store, one object a photo, with what is known of it beside. It is
// bounded: photos leave by age, and a full store takes no more.
import { jetstreamManager } from "@nats-io/jetstream";
import { type ObjectStore, Objm } from "@nats-io/obj";
import { nanos, type NatsConnection } from "@nats-io/transport-node";
import { type PhotoFacts, photoFacts } from "../../wire/photo.ts";
import type { Picture } from "./strip.ts";

export interface StoredPhoto extends PhotoFacts {
  /** Who sent it: kind and id. */
  by: string;
  data: Uint8Array;
}
export interface Photos {
  /** The same id again replaces it: whoever repeats sends the same. Null: the store is full. */
  put(tenant: string, photoId: string, by: string, picture: Picture): Promise<PhotoFacts | null>;
  /** Null: there is none. */
  get(tenant: string, photoId: string): Promise<StoredPhoto | null>;
}
export interface PhotoBounds {
  bytesMax: number;
  keepMs: number;
}

const STORE = "photos";
const STORE_REFUSED = 10077; // by the bounds of its stream
const keyOf = (tenant: string, photoId: string): string => `${tenant}/${photoId}`;
const factsOf = (photoId: string, { data: _data, ...facts }: Picture): PhotoFacts => (
  { photoId, ...facts }
);

/** Opened with these bounds, also where it was there before with others. */
async function opened(
  connection: NatsConnection,
  { bytesMax, keepMs }: PhotoBounds,
): Promise<ObjectStore> {
  const bounds = { max_bytes: bytesMax, max_age: nanos(keepMs) };
  const store = await new Objm(connection).create(STORE, {
    max_bytes: bounds.max_bytes,
    ttl: bounds.max_age,
  });
  const { streamInfo: { config } } = await store.status();
  if (config.max_bytes !== bounds.max_bytes || config.max_age !== bounds.max_age) {
    const manager = await jetstreamManager(connection);
    await manager.streams.update(config.name, bounds);
  }
  return store;
}

export function natsPhotos(connection: NatsConnection, bounds: PhotoBounds): Photos {
  let opening: Promise<ObjectStore> | null = null;
  const store = (): Promise<ObjectStore> => {
    opening ??= opened(connection, bounds).catch((error: unknown) => {
      opening = null; // asked again by the next one
      throw error;
    });
    return opening;
  };
  return {
    async put(tenant, photoId, by, picture) {
      const facts = factsOf(photoId, picture);
      const metadata = { by, facts: JSON.stringify(facts) };
      const bucket = await store();
      try {
        await bucket.putBlob({ name: keyOf(tenant, photoId), metadata }, picture.data);
      } catch (error) {
        if ((error as { code?: number }).code === STORE_REFUSED) return null;
        throw error;
      }
      return facts;
    },
    async get(tenant, photoId) {
      const bucket = await store();
      const info = await bucket.info(keyOf(tenant, photoId));
      const { by, facts } = info?.metadata ?? {};
      const known = facts === undefined ? null : photoFacts.safeParse(JSON.parse(facts));
      if (!info || info.deleted || by === undefined || !known?.success) return null;
      const data = await bucket.getBlob(keyOf(tenant, photoId));
      return data && { ...known.data, by, data };
    },
  };
}
