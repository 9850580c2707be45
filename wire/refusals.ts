// Every code by which the platform says no, its HTTP status, and whether trying again can help.
// Words for people lie in web-kit/words; a code without words is a type error there.

export type Retry = "never" | "same-key" | "after";
interface Row {
  status: 400 | 401 | 402 | 403 | 404 | 409 | 410 | 412 | 413 | 422 | 428 | 429 | 503 | 504;
  retry: Retry;
}
const no = (status: Row["status"]): Row => ({ status, retry: "never" });
const after = (status: Row["status"]): Row => ({ status, retry: "after" });
const sameKey = (status: Row["status"]): Row => ({ status, retry: "same-key" });

export const refusals = {
  // shape and key of a request
  "request.malformed": no(400),
  "request.too-large": no(413),
  "request.not-found": no(404),
  "request.match-missing": no(428),
  "request.rate-limited": after(429),
  "key.missing": no(428),
  "key.malformed": no(400),
  "key.clock": no(400),
  "key.reused": no(422),
  "command.malformed": no(400),
  // who
  "auth.required": no(401),
  "auth.expired": no(401),
  "auth.code-wrong": no(401),
  "auth.password-wrong": no(401),
  "auth.mfa-wrong": no(401),
  "auth.csrf": no(403),
  "auth.forbidden": no(403),
  "auth.locked": after(429),
  // outcome
  "overloaded": after(503),
  "unavailable": sameKey(503),
  "read.behind": after(503),
  "outcome.unknown": sameKey(504),
  // codes on piles
  "qr.unknown": no(404),
  "qr.foreign": no(422),
  "qr.malformed": no(422),
  // stations and piles
  "station.unknown": no(404),
  "station.exists": no(409),
  "station.tariff-gap": no(422),
  "station.tariff-overlap": no(422),
  "station.zone-unknown": no(422),
  "station.version-used": no(422),
  "station.tariff-bounds": no(422),
  "station.tariff-unconfirmed": no(422),
  "station.tariff-currency": no(422),
  "station.tariffs-changed": no(412),
  "station.drafts-full": no(422),
  "station.draft-unknown": no(404),
  "station.no-earlier-tariff": no(409),
  "station.full": no(422),
  "pile.unknown": no(404),
  "pile.exists": no(409),
  "pile.connector-unknown": no(404),
  "pile.occupied": no(409),
  "pile.offline": after(409),
  "pile.faulted": no(409),
  "pile.disabled": no(409),
  "pile.unplugged": after(409),
  "pile.gate-fault": no(409),
  "pile.no-tariff": no(409),
  "pile.link-stale": no(409),
  "pile.not-kept": no(409),
  // facts from devices
  "fact.gap": after(409),
  "command.unsigned": no(403),
  "link.gone": after(503),
  // orders
  "order.unknown": no(404),
  "order.exists": no(409),
  "order.price-changed": no(409),
  "order.not-charging": no(409),
  "order.no-answer": after(503),
  "order.nothing-due": no(409),
  "start.too-old": no(410),
  "due.closed": no(409),
  // locks of bays
  "lock.unknown": no(404),
  "lock.not-ours": no(422),
  "lock.partner-unknown": no(422),
  // help and notices
  "ticket.unknown": no(404),
  "ticket.closed": no(409),
  "push.foreign": no(422),
  // users and money
  "user.unknown": no(404),
  "user.blocked": no(409),
  "user.order-open": no(409),
  "user.debt-open": no(402),
  "wallet.unknown": no(404),
  "wallet.balance-too-low": no(402),
  "wallet.hold-refused": no(402),
  "wallet.credit-refused": no(402),
  "wallet.hold-unknown": no(404),
  "wallet.hold-closed": no(409),
  "coupon.unknown": no(404),
  "coupon.used": no(409),
  "coupon.budget-spent": no(422),
  "coupon.enough": no(422),
  "campaign.unknown": no(404),
  "campaign.exists": no(409),
  "coupon.not-valid": no(422),
  "coupon.below-threshold": no(422),
  "coupon.other-currency": no(422),
  "coupon.one-only": no(409),
  "refund.too-much": no(422),
  "appeal.open": no(409),
  "appeal.unknown": no(404),
  "approval.unknown": no(404),
  "approval.own": no(403),
  "approval.twice": no(409),
  "approval.closed": no(409),
  "approval.payload-changed": no(422),
  "payment.unknown": no(404),
  "payment.other-open": no(409),
  "payment.not-bound": no(402),
  "payment.closed": no(409),
  "payment.amount-wrong": no(422),
  "payment.refund-too-large": no(422),
  "payment.forged": no(401),
  "payment.signature": no(401),
  "case.unknown": no(404),
  "bill.not-made": after(409),
  "provider.refused": no(402),
  "provider.unknown": no(404),
  // drills (demo only)
  "drill.unknown": no(404),
  "drill.over": no(409),
  "drill.busy": after(409),
} as const satisfies Record<string, Row>;

export type RefusalCode = keyof typeof refusals;
export const isRefusalCode = (code: string): code is RefusalCode => Object.hasOwn(refusals, code);
