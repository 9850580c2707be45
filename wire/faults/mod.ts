// Door of the catalogue: which fault a device's code means, whatever its protocol.
import { gb27930 } from "./gb.ts";
import { nativeCodes } from "./native.ts";
import { ocpp16Errors, ocpp16Reasons, ocpp201Reasons } from "./ocpp.ts";
import { type FaultId, type FaultRow, faults } from "./table.ts";
import { ykc16 } from "./ykc.ts";

export { type FaultId, type FaultRow, faults, type FaultSide, type FaultUntil } from "./table.ts";
export { faultWordsEn } from "./words-en.ts";
export { faultWordsZh } from "./words-zh.ts";

/** Every list of codes by its source, as operators read them (docs/fault-codes.md). */
export const codeLists: readonly { source: string; codes: Readonly<Record<string, FaultId>> }[] = [
  { source: "GB/T 27930-2015: BST, CST, BEM, CEM", codes: gb27930 },
  { source: "OCPP 1.6, 7.6 ChargePointErrorCode", codes: ocpp16Errors },
  { source: "OCPP 1.6, 7.36 Reason", codes: ocpp16Reasons },
  { source: "OCPP 2.0.1, ReasonEnumType", codes: ocpp201Reasons },
  { source: "云快充 1.6, 0x40-0x90", codes: ykc16 },
  { source: "native", codes: nativeCodes },
];
const all = new Map<string, FaultId>(codeLists.flatMap(({ codes }) => Object.entries(codes)));

export const isFault = (code: string): code is FaultId => Object.hasOwn(faults, code);

/** The fault behind a code; null: a vendor's own. OCPP piles tell codes of others as `OtherError/…`. */
export function faultIdOf(code: string): FaultId | null {
  const known = all.get(code);
  if (known !== undefined) return known;
  if (isFault(code)) return code;
  const slash = code.indexOf("/");
  return slash < 0 ? null : faultIdOf(code.slice(slash + 1));
}

export function faultRowOf(code: string): (FaultRow & { id: FaultId }) | null {
  const id = faultIdOf(code);
  return id === null ? null : { id, ...faults[id] };
}
