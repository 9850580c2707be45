// Frames of OCPP-J 1.6: text to one of five kinds, never throwing, and back. Payloads are checked
// elsewhere (payloads.ts).
import { parseJson } from "../../json.ts";
import type { OcppErrorCode } from "./errors.ts";

/** The id by which an answer says that the question's own id could not be read (as OCPP 2.0.1 does). */
export const NO_ID = "-1";
/** 36 by the standard; some piles use longer ones, and an echo costs little. */
const ID_LENGTH_MAX = 255;
/** Longest action of OCPP 1.6 and its security extension is 34; names of vendors stay below this. */
const ACTION_LENGTH_MAX = 100;

export type Payload = Record<string, unknown>;
export type Frame =
  | { kind: "call"; id: string; action: string; payload: Payload }
  | { kind: "result"; id: string; payload: Payload }
  | { kind: "error"; id: string; code: string; description: string }
  /** A question that cannot be read: to be answered with CALLERROR. */
  | { kind: "refused"; id: string; code: OcppErrorCode; description: string }
  /** Nothing to answer: an unreadable answer, or a message type that the standard says to ignore. */
  | { kind: "ignored"; why: string };

const CALL = 2;
const RESULT = 3;
const ERROR = 4;

export function decodeFrame(text: string): Frame {
  let frame: unknown;
  try {
    frame = parseJson(text);
  } catch {
    return refused(NO_ID, "not JSON");
  }
  if (!Array.isArray(frame)) return refused(NO_ID, "not an array");
  const type: unknown = frame[0];
  if (typeof type !== "number") return refused(NO_ID, "message type is not a number");
  if (type === RESULT || type === ERROR) return answer(type, frame);
  if (type !== CALL) return { kind: "ignored", why: "unknown message type" };
  const id: unknown = frame[1];
  if (!isId(id)) return refused(NO_ID, "message id is not a string of 1 to 255 characters");
  const action: unknown = frame[2];
  if (typeof action !== "string" || action.length > ACTION_LENGTH_MAX) {
    return refused(id, "action is not a string of up to 100 characters");
  }
  const payload: unknown = frame[3];
  if (!isPayload(payload)) return refused(id, "payload is not an object");
  if (frame.length !== 4) return refused(id, "a call has four elements");
  return { kind: "call", id, action, payload };
}

function answer(type: number, frame: unknown[]): Frame {
  const id = frame[1];
  if (!isId(id)) return { kind: "ignored", why: "answer without a readable id" };
  if (type === RESULT) {
    const payload = frame[2];
    if (!isPayload(payload)) return { kind: "ignored", why: "result is not an object" };
    return { kind: "result", id, payload };
  }
  return { kind: "error", id, code: textOf(frame[2]), description: textOf(frame[3]) };
}

const TEXT_LENGTH_MAX = 255; // errorDescription of the standard
const textOf = (value: unknown): string =>
  typeof value === "string" ? value.slice(0, TEXT_LENGTH_MAX) : "";
const isId = (id: unknown): id is string =>
  typeof id === "string" && id !== "" && id.length <= ID_LENGTH_MAX;
const isPayload = (value: unknown): value is Payload =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const refused = (id: string, description: string): Frame => (
  { kind: "refused", id, code: "FormationViolation", description }
);

export const encodeCall = (id: string, action: string, payload: Payload): string =>
  JSON.stringify([CALL, id, action, payload]);
export const encodeResult = (id: string, payload: Payload): string =>
  JSON.stringify([RESULT, id, payload]);
export const encodeError = (id: string, code: OcppErrorCode, description: string): string =>
  JSON.stringify([ERROR, id, code, description.slice(0, TEXT_LENGTH_MAX), {}]);
