// A command's body against its published shape: unknown keys and wrong units stop here.
import type * as z from "zod";

/** `parse` of an actor whose commands are one union of shapes. */
export function parseBy<C>(shape: z.ZodType<C>) {
  return (command: Record<string, unknown>): C | { malformed: string } => {
    const parsed = shape.safeParse(command);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    return { malformed: `${issue?.path.join(".") || "body"}: ${issue?.message}`.slice(0, 200) };
  };
}
