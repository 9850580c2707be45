// Which links a gateway holds, written where others can read it: a gateway that died leaves its lines
// behind, and whoever finds them tells the piles' actors that those links are gone.
import { askAgain } from "./ask-again.ts";
import type { Ask, Bucket, Client, Clock, Directory, Log } from "./ports.ts";

export interface HeldLink {
  gatewayId: string;
  tenant: string;
  pileId: string;
  linkEpoch: number;
}
interface Entry {
  linkEpoch: number;
}
export interface BookDeps {
  client: Client;
  directory: Directory;
  clock: Clock;
  log: Log;
}

const BUCKET = "links";
/** In memory: sweeps look through all of it every few seconds. */
const linksOf = (directory: Directory) => directory.bucket<Entry>(BUCKET, { hot: true });
/** A link that is gone must be told, but not for ever: the entry stays for the next sweep. */
const TELL_MS_MAX = 60_000;
const keyOf = (link: Omit<HeldLink, "linkEpoch">) =>
  `${link.gatewayId}/${link.tenant}/${link.pileId}`;

export type LossWhy = "closed" | "silent" | "replaced" | "gateway-gone";
export const loseLink = (link: HeldLink, why: LossWhy): Ask => ({
  id: `lose:${link.pileId}:${link.linkEpoch}`,
  to: { tenant: link.tenant, kind: "pile", id: link.pileId },
  type: "LoseLink",
  body: { gatewayId: link.gatewayId, linkEpoch: link.linkEpoch, why },
  principal: { kind: "device", id: link.pileId },
});

export interface LinkBook {
  opened(link: HeldLink): Promise<void>;
  /** Tells the actor, then forgets the link unless a newer one of the same pile is written. */
  lost(link: HeldLink, why: LossWhy): Promise<void>;
  /** What an earlier life of this gateway held: told as gone, and returned. */
  clearLeftovers(): Promise<HeldLink[]>;
}

export function linkBook(deps: BookDeps, gatewayId: string): LinkBook {
  const bucket = () => linksOf(deps.directory);
  return {
    async opened(link) {
      await quietly(deps, async () => {
        await (await bucket()).put(keyOf(link), { linkEpoch: link.linkEpoch });
      });
    },
    async lost(link, why) {
      const told = await askAgain(deps, loseLink(link, why), TELL_MS_MAX);
      if (told !== null) await quietly(deps, async () => forget(await bucket(), link));
    },
    async clearLeftovers() {
      return await sweep(deps, await bucket(), (held) => held.gatewayId === gatewayId);
    },
  };
}

/** Links of gateways that live no more: the actors are told, the lines go. Returns what was swept. */
export async function sweepDeadGateways(
  deps: BookDeps,
  aliveGatewayIds: Iterable<string>,
): Promise<HeldLink[]> {
  const alive = new Set(aliveGatewayIds);
  const bucket = await linksOf(deps.directory);
  return await sweep(deps, bucket, (held) => !alive.has(held.gatewayId));
}

/** So many at a time: 10,000 links of a dead gateway must not be one burst. */
const SWEEP_AT_ONCE = 64;

async function sweep(
  deps: BookDeps,
  bucket: Bucket<Entry>,
  dead: (held: HeldLink) => boolean,
): Promise<HeldLink[]> {
  const held = (await bucket.entries()).flatMap(({ key, value }) => {
    const [gatewayId, tenant, pileId, ...rest] = key.split("/");
    if (!gatewayId || !tenant || !pileId || rest.length > 0) return [];
    return [{ gatewayId, tenant, pileId, linkEpoch: value.linkEpoch }];
  }).filter(dead);
  for (let i = 0; i < held.length; i += SWEEP_AT_ONCE) {
    await Promise.all(
      held.slice(i, i + SWEEP_AT_ONCE).map(async (link) => {
        const told = await askAgain(deps, loseLink(link, "gateway-gone"), TELL_MS_MAX);
        if (told !== null) await quietly(deps, () => forget(bucket, link));
      }),
    );
  }
  return held;
}

async function forget(bucket: Bucket<Entry>, link: HeldLink): Promise<void> {
  const entry = await bucket.get(keyOf(link));
  if (entry?.value.linkEpoch === link.linkEpoch) await bucket.delete(keyOf(link));
}

/** The book is only for the time after a death: that it cannot be written now stops no pile. */
async function quietly(deps: BookDeps, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (cause) {
    deps.log.warn({ cause: String(cause) }, "links bucket cannot be written");
  }
}

/** Gateways that have, or had, a link. */
export async function gatewaysWithLinks(directory: Directory): Promise<string[]> {
  const entries = await (await linksOf(directory)).entries();
  return [...new Set(entries.map(({ key }) => key.split("/")[0]!))];
}
