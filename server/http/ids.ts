// What ids of new things are made from; the function itself comes from the composition root.
import type { Principal } from "../../wire/envelope.ts";

export interface KeyScope {
  tenant: string;
  principal: Pick<Principal, "kind" | "id">;
  route: string;
  key: string;
}
export type EntityId = (prefix: string, scope: KeyScope) => string;
