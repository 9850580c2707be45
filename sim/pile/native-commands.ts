// What a native pile does when the platform tells or asks it something: signature, epoch, once only.
import { createPublicKey, type KeyObject, verify } from "node:crypto";
import type * as z from "zod";
import {
  deviceAsk,
  deviceAskAnswer,
  type DeviceCommand,
  deviceCommand,
  deviceCommandAnswer,
} from "../../wire/native.ts";
import { signedBytes } from "../../wire/signing.ts";
import { knownCommand } from "./command-log.ts";
import type { PileCore } from "./core.ts";
import type { CommandResult } from "./gates.ts";

export interface NativeIdentity {
  readonly tenant: string;
  readonly pileId: string;
  /** The platform's Ed25519 key, raw 32 bytes, base64 or base64url. */
  readonly platformKey: string;
}

type Answer = z.infer<typeof deviceCommandAnswer>;

/** DER of an Ed25519 public key up to its 32 raw bytes (RFC 8410). */
const DER_HEAD = "302a300506032b6570032100";

export function keyOf(platformKey: string): KeyObject {
  const raw = fromBase64(platformKey);
  const head = Uint8Array.from(DER_HEAD.match(/../g)!, (pair) => parseInt(pair, 16));
  const der = new Uint8Array([...head, ...raw]);
  return createPublicKey({ key: der as never, format: "der", type: "spki" });
}

function fromBase64(text: string): Uint8Array {
  const plain = text.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(plain), (char) => char.charCodeAt(0));
}

/** These only make things safer or tell: they are taken without a signature too. */
const unsigned = new Set<DeviceCommand["kind"]>(["stop", "probe"]);

export function isSigned(command: DeviceCommand, key: KeyObject, pile: NativeIdentity): boolean {
  try {
    return verify(null, signedBytes(command, pile), key, fromBase64(command.sig));
  } catch {
    return false; // a signature that is no base64
  }
}

export interface NativeHost {
  readonly core: PileCore;
  readonly identity: NativeIdentity;
  readonly key: KeyObject;
  linkEpoch(): number;
  reboot(): void;
}

/** The answer to a command; null: none is given. `waitedMs` counts from its receipt. */
export function obey(host: NativeHost, data: unknown, waitedMs: number): Answer | null {
  const parsed = deviceCommand.safeParse(data);
  if (!parsed.success) {
    const id = (data as { id?: unknown } | null)?.id;
    return typeof id === "string" ? { id, outcome: "refused", code: "malformed" } : null;
  }
  const command = parsed.data;
  const no = (code: string): Answer => ({ id: command.id, outcome: "refused", code });
  if (!unsigned.has(command.kind) && !isSigned(command, host.key, host.identity)) {
    return no("command.unsigned");
  }
  if (command.linkEpoch !== host.linkEpoch()) return no("epoch");
  if (waitedMs > command.notAfterMs) return no("too-late");
  const { kind, orderId } = command;
  const result = host.core.once(command.id, () => act(host, command), { kind, orderId });
  if (result.outcome === "known" && command.kind === "stop") stopAgain(host.core, command);
  if (result.outcome === "silent") return null;
  return { id: command.id, ...result };
}

/** A stop that was heard before: what still runs is stopped again, whatever the first came to. */
function stopAgain(core: PileCore, { connector = 1, orderId }: DeviceCommand): void {
  core.stop({ connector, reason: "remote", ...(orderId === undefined ? {} : { orderId }) });
}

function act({ core, reboot }: NativeHost, command: DeviceCommand): CommandResult {
  const connector = command.connector ?? 1;
  const orderId = command.orderId === undefined ? {} : { orderId: command.orderId };
  const limit = command.args.limit ?? {};
  switch (command.kind) {
    case "start":
      return core.start({ connector, limit, commandId: command.id, ...orderId });
    case "stop":
      return core.stop({ connector, reason: "remote", ...orderId });
    case "unlock":
      core.stop({ connector, reason: "unlock" });
      return { outcome: "accepted" };
    case "limit":
      return core.setLimit(connector, limit);
    case "lock":
      return core.locks.move(connector, command.args.to ?? "down");
    case "reboot":
      reboot();
      return { outcome: "accepted" };
    case "probe":
      return { outcome: "accepted" };
  }
}

/** The state of every connector, and what a command came to. */
export function tell(core: PileCore, data: unknown): z.infer<typeof deviceAskAnswer> {
  const ask = deviceAsk.safeParse(data);
  const connectors = core.spec.connectors.map(({ no }) => core.status(no));
  if (!ask.success || ask.data.what !== "command" || ask.data.id === undefined) {
    return { connectors };
  }
  const known = knownCommand(core.memory.commands, ask.data.id);
  return { connectors, command: known?.outcome ?? "unknown" };
}
