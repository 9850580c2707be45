// Twenty people, one connector: one wins, nobody else has a hold, the others get a clear refusal, and
// the same one when they ask again with the same key.
import { expect, test } from "vitest";
import { newKey } from "../../sim/mod.ts";
import { openDatabase, settledBooks } from "../kit/audit.ts";
import { connectPile, openPlace, richDriver } from "../kit/place.ts";
import { inTurns, tapOnce } from "../kit/same-key.ts";
import { startWorld } from "../kit/world.ts";

const PEOPLE = 20;

test(
  "one of twenty wins the connector; the others hold no money and hear the same again",
  async () => {
    await using world = await startWorld({ sync: "1s" });
    const servers = [
      await world.startServer({ node: "node-1" }),
      await world.startServer({ node: "node-2" }),
    ];
    const origins = servers.map(({ url }) => url);
    const place = await openPlace(origins[0]!, `${world.dir}/node-1`);
    const made = await place.addPile("ONE-1", "ocpp1.6");
    const pile = await connectPile(world, origins[0]!, made, "ocpp1.6");
    const drivers = await inTurns(
      Array.from({ length: PEOPLE }, (_, i) => () => richDriver(origins[i % 2]!, i)),
      5,
    );
    const { tariffVersion } = await drivers[0]!.quote("ONE-1");
    const pay = { by: "wallet", autoCapture: true };
    const body = { pileId: "ONE-1", connector: 1, tariffVersion, pay, ageMs: 0 };
    const taps = drivers.map((driver) => ({ driver, tap: { key: newKey(), body } }));
    const first = await Promise.all(
      taps.map(({ driver, tap }, i) => tapOnce(origins[i % 2]!, driver, tap)),
    );
    const again = await Promise.all(
      taps.map(({ driver, tap }, i) => tapOnce(origins[(i + 1) % 2]!, driver, tap)),
    );
    const winners = first.filter(({ status }) => status === 202);
    const losers = first.filter(({ status }) => status !== 202);
    expect(winners).toHaveLength(1);
    expect(new Set(losers.map((loser) => `${loser.status} ${String(loser.body["code"])}`)))
      .toEqual(new Set(["409 pile.occupied"]));
    expect(again.map(({ text }) => text)).toEqual(first.map(({ text }) => text));

    const wallets = await Promise.all(drivers.map((driver) => driver.wallet()));
    expect(wallets.filter(({ heldFen }) => heldFen > 0)).toHaveLength(1);
    await using opened = await openDatabase(world.mongo.url);
    const books = await settledBooks(opened.db);
    expect(books.holdsPlaced.size).toBe(1);
    expect(books.allFen).toBe(0);
    expect(books.broken).toEqual([]);
    expect(pile.log("charging").length).toBeLessThanOrEqual(1);
    await pile.stop();
  },
  120_000,
);
