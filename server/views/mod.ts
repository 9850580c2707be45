// Door of the read models: live rows in memory, lists and archives in MongoDB.
export { type Board, createBoard, type PileRow, type StateView, statusOf } from "./board.ts";
export type { Page, Paging, Views } from "./queries.ts";
