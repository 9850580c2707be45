// Notices that the process which started this one is gone: bootstrap.mjs holds our stdin open.

/** Calls back once when the starter has died; does nothing where a person started this directly. */
export function onOrphaned(then: () => void): void {
  if (!Deno.env.has("STARTED_BY_NODE")) return;
  void (async () => {
    const bytes = new Uint8Array(64);
    while (await Deno.stdin.read(bytes) !== null) {
      // nobody speaks to us here: only the end of the stream matters
    }
    then();
  })();
}
