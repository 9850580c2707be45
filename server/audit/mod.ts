// Door of the auditor: the books as the archive tells them, and what does not fit.
export { type Audit, Auditor, GRACE_MS } from "./auditor.ts";
export { Books } from "./books.ts";
export { DrilledPeople } from "./drilled-people.ts";
export {
  type AuditEvent,
  type AuditRow,
  type Difference,
  type Rule,
  RULES,
  type Skips,
} from "./rows.ts";
