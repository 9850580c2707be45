// Photos in the object store of a real server: what was put is got by its own tenant, and the store is bounded.
import { jetstreamManager } from "@nats-io/jetstream";
import { nanos } from "@nats-io/transport-node";
import { expect, test } from "vitest";
import { natsPhotos, pictureOf } from "../../server/photos/mod.ts";
import { pngPhoto } from "../../sim/photo.ts";
import { onJetStream } from "./journal-world.ts";

const DAY_MS = 86_400_000;
const BY = "driver:usr_anna0001";

function picture() {
  const found = pictureOf(pngPhoto(8, 8));
  if (typeof found === "string") throw new TypeError(`no picture: ${found}`);
  return found;
}

test(
  "a photo is its tenant's alone, leaves by its age, and a full store takes no more",
  async () => {
    await using world = await onJetStream();
    const open = (bytesMax: number, days: number) =>
      natsPhotos(world.connection, { bytesMax, keepMs: days * DAY_MS });
    const photos = open(1_000_000, 30);
    const facts = await photos.put("main", "pho_0001", BY, picture());
    expect(facts).toMatchObject({ photoId: "pho_0001", mime: "image/png", widthPx: 8 });
    expect(await photos.get("main", "pho_0001")).toMatchObject({ ...facts, by: BY });
    expect((await photos.get("main", "pho_0001"))!.data).toEqual(picture().data);
    expect(await photos.get("other", "pho_0001")).toBeNull();
    expect(await photos.get("main", "pho_0002")).toBeNull();

    const bounds = async () => {
      const manager = await jetstreamManager(world.connection);
      const { config } = await manager.streams.info("OBJ_photos");
      return { bytes: config.max_bytes, age: config.max_age };
    };
    expect(await bounds()).toEqual({ bytes: 1_000_000, age: nanos(30 * DAY_MS) });
    const changed = open(300_000, 180);
    await changed.get("main", "pho_0001");
    expect(await bounds()).toEqual({ bytes: 300_000, age: nanos(180 * DAY_MS) });

    const large = { ...picture(), data: new Uint8Array(200_000), bytes: 200_000 };
    expect(await changed.put("main", "pho_0003", BY, large)).not.toBeNull();
    expect(await changed.put("main", "pho_0004", BY, large)).toBeNull();
    expect(await changed.get("main", "pho_0004")).toBeNull();
    expect(await changed.get("main", "pho_0003")).not.toBeNull();
  },
  60_000,
);
