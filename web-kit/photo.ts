// A picked picture as it is sent: drawn anew by the browser, so that it is small and says nothing else.

const SIDE_MAX = 1600;
const QUALITY = 0.8;

/** Base64 of a JPEG; fails where the file is no picture. */
export async function photoOf(file: Blob): Promise<string> {
  const bitmap = await createImageBitmap(file);
  const scale = Math.min(1, SIDE_MAX / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  canvas.getContext("2d")!.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return canvas.toDataURL("image/jpeg", QUALITY).split(",")[1] ?? "";
}
