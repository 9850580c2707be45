// Names that a pile's actor makes itself: tags of orders at the device, orders of cards, command ids.
// Plain integer hashing: the same text has the same name on any node.

const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; // Crockford base32, as in a ULID

/** 16 base32 characters (80 bits) of a text; not secret, only spread well. */
export function hash16(text: string): string {
  const lanes = [0x811c9dc5, 0x9e3779b9, 0x85ebca6b, 0xc2b2ae35];
  const primes = [597399067, 2869860233, 951274213, 2716044179];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    for (let lane = 0; lane < 4; lane++) {
      const next = lanes[(lane + 1) % 4]!;
      lanes[lane] = next ^ Math.imul(lanes[lane]! ^ code, primes[lane]!);
    }
  }
  for (let round = 0; round < 4; round++) {
    for (let lane = 0; lane < 4; lane++) {
      const mixed = lanes[lane]! ^ (lanes[(lane + 3) % 4]! >>> 15);
      lanes[lane] = Math.imul(mixed, primes[(lane + round) % 4]!);
    }
  }
  let name = "";
  for (let i = 0; i < 16; i++) {
    const lane = lanes[i % 4]! >>> 0;
    name += DIGITS[(lane >>> (5 * Math.floor(i / 4))) & 31];
  }
  return name;
}

/** First ten characters of a ULID: milliseconds since 1970. */
export function time10(at: number): string {
  let left = at;
  let name = "";
  for (let i = 0; i < 10; i++) {
    name = DIGITS[left % 32]! + name;
    left = Math.floor(left / 32);
  }
  return name;
}

/** What an OCPP pile puts into StartTransaction.idTag for an order: 18 characters, at most 20 fit. */
export function tagOf(orderId: string): string {
  const made = /^ord_[0-9A-HJKMNP-TV-Z]{26}$/i.test(orderId);
  return `CW${made ? orderId.slice(-16).toUpperCase() : hash16(orderId)}`;
}
/** No card is named like an order: such a tag came from the platform. */
export const isOrderTag = (tag: string): boolean => /^CW[0-9A-HJKMNP-TV-Z]{16}$/.test(tag);

/** Order of a charge that a card began: the same report always makes the same order. */
export const cardOrderId = (
  pileId: string,
  report: {
    connector: number;
    deviceAt: number;
    registerWh: number;
    idTag?: string | undefined;
  },
  at: number,
): string => {
  const { connector, deviceAt, registerWh, idTag } = report;
  const text = `${pileId}|${connector}|${deviceAt}|${registerWh}|${idTag ?? ""}`;
  return `ord_${time10(at)}${hash16(text)}`.toLowerCase(); // as the platform writes its ids
};

/** The same command id on every try of a round: the device acts on it at most once. */
const roundOf = (round: number): string => round === 1 ? "" : `-${round}`;
export const startIdOf = (orderId: string, round: number): string =>
  `${orderId}-start${roundOf(round)}`;
export const stopIdOf = (about: string, round: number): string => `${about}-stop${roundOf(round)}`;
/** What a session is called in device commands where no order owns it. */
export const txName = (txId: number): string => `tx-${txId}`;

export const timers = {
  keep: (no: number) => `keep/${no}`,
  start: (no: number) => `start/${no}`,
  ask: (no: number) => `ask/${no}`,
  plug: (no: number) => `plug/${no}`,
  stop: (no: number) => `stop/${no}`,
  person: (no: number) => `person/${no}`,
  limit: (no: number) => `limit/${no}`,
  check: (no: number) => `check/${no}`,
  alone: (no: number) => `alone/${no}`,
  gap: (no: number) => `gap/${no}`,
  lost: (no: number) => `lost/${no}`,
  left: (txId: number) => `left/${txId}`,
};
const SLOT = "slot/";
/** The lock of a promise begins. */
export const slotTimer = (reservationId: string): string => `${SLOT}${reservationId}`;
export const slotOfTimer = (name: string): string | null =>
  name.startsWith(SLOT) ? name.slice(SLOT.length) : null;

export type TimerKind = keyof typeof timers;

/** Kind and number in a timer's name; null: none of ours. */
export function timerOf(name: string): { kind: TimerKind; no: number } | null {
  const [kind, no] = name.split("/");
  const known = kind !== undefined && Object.hasOwn(timers, kind);
  return known && no !== undefined ? { kind: kind as TimerKind, no: Number(no) } : null;
}
