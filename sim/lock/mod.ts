// Door of the simulated lock maker: a stranger to the platform, beside its payment provider.
export { LOCK_PATHS, LockMaker } from "./maker.ts";
export type { LockDid, LockMischief } from "./locks.ts";
