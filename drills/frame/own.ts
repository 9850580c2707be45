// A platform of a drill's own: two nodes and their engines, on free ports and in a temporary folder.
import { join } from "node:path";
import { accountOf } from "../../test/kit/place.ts";
import { startWorld } from "../../test/kit/world.ts";
import type { Platform } from "./stage.ts";

export interface OwnPlatform extends Platform {
  stop(): Promise<void>;
}

export async function ownPlatform(): Promise<OwnPlatform> {
  const world = await startWorld({ sync: "100ms" });
  const first = await world.startServer();
  const second = await world.startServer({ node: "node-2" });
  return {
    url: first.url,
    otherUrl: second.url,
    natsUrl: world.nats.url,
    pushUrl: world.provider!.url,
    account: await accountOf(join(world.dir, "node-1"), "admin"),
    service: await accountOf(join(world.dir, "node-1"), "service"),
    finance: await accountOf(join(world.dir, "node-1"), "finance"),
    stop: async () => await world[Symbol.asyncDispose](),
  };
}
