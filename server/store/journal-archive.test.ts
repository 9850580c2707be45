import type { Db } from "mongodb";
import { expect, test } from "vitest";
import { archivedSubject, STREAMS } from "../../wire/subjects.ts";
import { placeOf, systemClock, systemRandom } from "../runtime/mod.ts";
import { journalArchive, sayArchived } from "./journal-archive.ts";
import { memoryNetwork } from "./memory-network.ts";

const place = placeOf({ tenant: "main", kind: "light", id: "l1" });
const noDb = {} as Db; // only asked for actors that left the journal

function world() {
  const network = memoryNetwork({ clock: systemClock, random: systemRandom, delayMs: () => 0 });
  const [listener, speaker] = [network.port("node"), network.port("projector")];
  const archive = journalArchive(listener, noDb);
  const garble = (text: string) => speaker.publish(archivedSubject, new TextEncoder().encode(text));
  let words = 0;
  listener.subscribe(archivedSubject, {}, () => words++); // after the archive's own
  return { archive, speaker, garble, heard: () => words };
}
const everything = { upTo: Array.from({ length: STREAMS }, () => 7), blocked: [] };

test("how far the archive came is heard from the projector, but for what it could not take", async () => {
  const { archive, speaker } = world();
  expect(archive.holds(place, 1)).toBe(false);
  sayArchived(speaker, everything);
  await expect.poll(() => archive.holds(place, 7)).toBe(true);
  expect(archive.holds(place, 8)).toBe(false);
  sayArchived(speaker, { ...everything, blocked: ["main/light/l1"] });
  await expect.poll(() => archive.holds(place, 7)).toBe(false);
  archive.stop();
});

test.each(["no json", "null", "{}", `{"upTo":[],"blocked":[]}`, `{"upTo":{},"blocked":7}`])(
  "a word that no projector says changes nothing: %s",
  async (text) => {
    const { archive, speaker, garble, heard } = world();
    sayArchived(speaker, everything);
    garble(text);
    await expect.poll(heard).toBe(2);
    expect(archive.holds(place, 7)).toBe(true);
    archive.stop();
  },
);
