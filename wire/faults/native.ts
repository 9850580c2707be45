// Words of the native lane (docs/native-lane.md): a fault may also be told by its name in the catalogue.
import type { FaultId } from "./table.ts";

export const nativeCodes = {
  "estop": "emergency-stop",
  "door-open": "tamper",
  "unplugged": "gun-pulled",
  "full": "target-reached",
  "energy": "preset-reached",
  "money": "preset-reached",
  "time": "preset-reached",
  "soc": "preset-reached",
  "local": "stop-local",
  "remote": "stop-remote",
  "reset": "pile-reset",
  "soft": "pile-reset",
  "hard": "pile-reset",
  "lock:fault": "ground-lock",
  "gate:fault": "gate",
} as const satisfies Record<string, FaultId>;
