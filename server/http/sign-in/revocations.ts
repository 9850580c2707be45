// Sessions that ended before their tokens did: known on every node at once, kept until those expire.
import type { Clock, Directory } from "../../ports.ts";

const KEPT_MS = 13 * 3_600_000; // longer than any token or ops session lives

export interface Revocations {
  revoke(tenant: string, sid: string): Promise<void>;
  isRevoked(sid: string): Promise<boolean>;
}
export async function createRevocations(deps: {
  directory: Directory;
  clock: Clock;
  /** Tells live connections here and on other nodes. */
  announce(tenant: string, sid: string): void;
}): Promise<Revocations> {
  const bucket = await deps.directory.bucket<number>("revoked", { ttlMs: KEPT_MS, hot: true });
  return {
    async revoke(tenant, sid) {
      await bucket.put(sid, deps.clock.now());
      deps.announce(tenant, sid);
    },
    isRevoked: async (sid) => (await bucket.get(sid)) !== null,
  };
}
