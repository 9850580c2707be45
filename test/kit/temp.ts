// Temporary folders that are gone after the test, also when it fails.

/** A folder for one test: `await using dir = await tempDir()`, then `dir.path`. */
export async function tempDir(prefix = "chargeward-"): Promise<AsyncDisposable & { path: string }> {
  const path = await Deno.makeTempDir({ prefix });
  return {
    path,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }).catch(() => {}),
  };
}
