// A bay behind a ground lock, on the whole platform: it opens for the order that was accepted, stays open
// while the car is there, and closes over the empty bay; by the pile's own lane and by its maker's.
import { expect, test } from "vitest";
import type { PublicPile } from "../../wire/http.ts";
import type { LockView, LockWay } from "../../wire/lock.ts";
import { connectPile, openPlace, richDriver } from "../kit/place.ts";
import { startWorld } from "../kit/world.ts";

const SEEN = { timeout: 20_000, interval: 200 };

test("a charge behind a lock, from the tap to the empty bay", async () => {
  await using world = await startWorld({ sync: "100ms" });
  const server = await world.startServer();
  const place = await openPlace(server.url, `${world.dir}/node-1`);
  const driver = await richDriver(server.url, 1);
  const ways: LockWay[] = [
    { by: "pile" },
    { by: "partner", partner: "sandbox", ref: "L-7" },
  ];
  for (const way of ways) {
    const id = `LOCK-${way.by}`;
    const made = await place.addPile(id, "native");
    const own = way.by === "pile" ? { lock: { form: "lock" as const } } : {};
    const pile = await connectPile(world, server.url, made, "native", { unplugged: true, ...own });
    const { api } = place.ops;
    const fit = { connector: 1, form: "ground-lock", rests: "up", way };
    await api.post<LockView>(`/v1/ops/piles/${id}/locks`, fit);
    const lock = async () => {
      const { items } = await api.get<{ items: LockView[] }>(`/v1/ops/piles/${id}/locks`);
      return items[0];
    };
    const stands = (where: string) =>
      expect.poll(async () => (await lock())?.position, SEEN).toBe(where);
    await stands("up");

    const { id: orderId } = await driver.start({ pileId: id, autoCapture: true });
    await stands("down");
    const shown = await driver.api.get<PublicPile>(`/v1/piles/${id}`);
    expect(shown.connectors[0]!.lock).toMatchObject({ position: "down", fault: null });
    pile.plug(); // drives in
    await driver.until(orderId, ["charging"], 20_000);
    await driver.stop(orderId);
    await driver.until(orderId, ["paid"], 20_000);
    expect((await lock())?.position).toBe("down"); // the car is still there
    pile.unplug();
    if (way.by === "pile") pile.driveOff();
    await stands("up");

    const moves = (await lock())!.timeline.filter(({ what }) => what === "MoveEnded").map((
      { facts },
    ) => facts.to);
    expect(moves).toEqual(["up", "down"]); // newest first
    const acts = await api.get<{ items: { type: string }[] }>(
      `/v1/ops/actors/lock/${id}-1/timeline`,
    );
    expect(acts.items.map(({ type }) => type)).toContain("LockReplied");
    await pile.stop();
  }
}, 120_000);
