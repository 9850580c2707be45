// The bytes that a device command is signed over: RFC 8785 JSON, so that any pile maker can rebuild them.
// The signature itself (Ed25519) is made in server/telemetry and checked by the pile.
import canonicalize from "canonicalize";
import type { DeviceCommand } from "./native.ts";

/** The command without `sig`, and the pile it is meant for: moved to another pile it is worth nothing. */
export function signedBytes(
  command: Omit<DeviceCommand, "sig"> & { sig?: string },
  pile: { tenant: string; pileId: string },
): Uint8Array<ArrayBuffer> {
  const { sig: _, ...unsigned } = command;
  const whole = { ...unsigned, target: `${pile.tenant}/${pile.pileId}` };
  return new TextEncoder().encode(canonicalize(whole));
}
