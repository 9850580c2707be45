// Chinese glyphs for machines that have none: only there the web font is loaded, and then it comes first.

const SIZE = 24;

/** Pixels of one character in the system's own font. */
function drawn(text: string): string {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIZE;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) return text;
  context.font = `${SIZE - 4}px system-ui, sans-serif`;
  context.fillText(text, 0, SIZE - 4);
  return context.getImageData(0, 0, SIZE, SIZE).data.join();
}

/** True where 充 looks the same as a character that no font has. */
export const lacksHanFont = (): boolean => drawn("充") === drawn("\u{10FFFE}");

export async function ensureHanFont(): Promise<void> {
  if (!lacksHanFont()) return;
  await import("@fontsource-variable/noto-sans-sc/wght.css");
  document.documentElement.classList.add("cw-web-font");
}
