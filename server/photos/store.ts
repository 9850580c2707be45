// Where photos lie: a JetStream object store, one object a photo, with what is known of it beside.
import { type ObjectStore, Objm } from "@nats-io/obj";
import type { NatsConnection } from "@nats-io/transport-node";
import { type PhotoFacts, photoFacts } from "../../wire/photo.ts";
import type { Picture } from "./strip.ts";

export interface StoredPhoto extends PhotoFacts {
  /** Who sent it: kind and id. */
  by: string;
  data: Uint8Array;
}
export interface Photos {
  /** The same id again replaces it: whoever repeats sends the same. */
  put(tenant: string, photoId: string, by: string, picture: Picture): Promise<PhotoFacts>;
  /** Null: there is none. */
  get(tenant: string, photoId: string): Promise<StoredPhoto | null>;
}

const STORE = "photos";
const keyOf = (tenant: string, photoId: string): string => `${tenant}/${photoId}`;
const factsOf = (photoId: string, { data: _data, ...facts }: Picture): PhotoFacts => (
  { photoId, ...facts }
);

export function natsPhotos(connection: NatsConnection): Photos {
  let opened: Promise<ObjectStore> | null = null;
  const store = (): Promise<ObjectStore> => {
    opened ??= new Objm(connection).create(STORE).catch((error: unknown) => {
      opened = null; // asked again by the next one
      throw error;
    });
    return opened;
  };
  return {
    async put(tenant, photoId, by, picture) {
      const facts = factsOf(photoId, picture);
      const metadata = { by, facts: JSON.stringify(facts) };
      await (await store()).putBlob({ name: keyOf(tenant, photoId), metadata }, picture.data);
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
