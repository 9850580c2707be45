// Commands by id and what they came to: a known id is answered again, never done again, over reboots.
import type { KnownCommand } from "./memory.ts";

/** interfaces.md: a pile remembers its last 256 commands. */
export const COMMANDS_MAX = 256;

export function knownCommand(log: readonly KnownCommand[], id: string): KnownCommand | undefined {
  return log.findLast((entry) => entry.id === id);
}

export function remember(log: KnownCommand[], entry: KnownCommand): void {
  log.push(entry);
  if (log.length > COMMANDS_MAX) log.splice(0, log.length - COMMANDS_MAX);
}
