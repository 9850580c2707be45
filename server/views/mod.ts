// Door of the read models: live rows in memory, lists and archives in MongoDB.
export { type Board, createBoard, type PileRow, type StateView, statusOf } from "./board.ts";
export { ensureViewIndexes, mongoViews, type MongoViewsDeps, ViewsAway } from "./mongo-views.ts";
export type { Page, Paging, PastCharge, Views } from "./queries.ts";
export { createRowsOf } from "./rows-of.ts";
export { publicPileOf } from "./public-pile.ts";
