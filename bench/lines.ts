// Text in pieces to text in lines.

export function textLines(): TransformStream<string, string> {
  let rest = "";
  return new TransformStream({
    transform(piece, out) {
      const lines = (rest + piece).split("\n");
      rest = lines.pop()!;
      for (const line of lines) if (line !== "") out.enqueue(line);
    },
    flush: (out) => {
      if (rest !== "") out.enqueue(rest);
    },
  });
}
