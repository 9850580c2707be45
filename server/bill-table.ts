// Tables of bill files: fields by comma, quoted where they hold one, marks of the providers taken off.

/** Lines of fields; null: a quote that never ends. */
export function tableOf(text: string): string[][] | null {
  const lines: string[][] = [];
  let fields: string[] = [];
  let field = "";
  let isQuoted = false;
  const endLine = () => {
    fields.push(field);
    if (fields.length > 1 || field.trim() !== "") lines.push(fields);
    [fields, field] = [[], ""];
  };
  const chars = text.startsWith("\ufeff") ? text.slice(1) : text;
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i]!;
    if (isQuoted) {
      if (char !== '"') field += char;
      else if (chars[i + 1] === '"') field += chars[++i];
      else isQuoted = false;
    } else if (char === '"' && field.trim() === "") {
      [isQuoted, field] = [true, ""];
    } else if (char === ",") {
      fields.push(field);
      field = "";
    } else if (char === "\n") endLine();
    else if (char !== "\r") field += char;
  }
  if (isQuoted) return null;
  endLine();
  return lines;
}

/** A line as names and values; `mark` is what the provider puts around its values. */
export function named<C extends string>(
  columns: readonly C[],
  line: readonly string[],
  mark: RegExp,
): Record<C, string> | null {
  if (line.length < columns.length) return null;
  return Object.fromEntries(
    columns.map((column, i) => [column, line[i]!.replace(mark, "").trim()]),
  ) as Record<C, string>;
}
