// Folds what happens to the bay of a charge that is over.
import type { EventOf, PileEvent } from "./events.ts";
import type { Connector } from "./state.ts";

type Evolver<T extends PileEvent["type"]> = (one: Connector, event: EventOf<T>) => Connector;

const stayed = (
  one: Connector,
  change: (stay: NonNullable<Connector["stay"]>) => Connector["stay"],
): Connector => {
  if (!one.stay) return one;
  const { stay: before, ...rest } = one;
  const stay = change(before);
  return stay ? { ...rest, stay } : rest;
};

export const evolveBay = {
  BayTaken: (one, { orderId, why, offsetMs }) => ({
    ...one,
    stay: {
      orderId,
      ...(why === undefined ? {} : { blocked: why }),
      ...(offsetMs === undefined ? {} : { offsetMs }),
    },
  }),
  BayLeft: (one) => stayed(one, () => undefined),
  BayBlocked: (one, { why }) => stayed(one, (stay) => ({ ...stay, blocked: why })),
  BayOpened: (one) => stayed(one, ({ blocked: _over, ...stay }) => stay),
  UnlockAsked: (one, { id, by, reason, tries }) =>
    stayed(one, (stay) => ({ ...stay, unlock: { id, by, reason, tries } })),
  UnlockAnswered: (one) => stayed(one, ({ unlock: _done, ...stay }) => stay),
} satisfies { [T in PileEvent["type"]]?: Evolver<T> };
