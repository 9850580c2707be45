// One node of tallies in a process of its own, for tests that stop or kill it.
// Arguments: url of NATS, name of the node. The seed comes in NATS_SEED. Says "ready" on stdout.
import { createNode } from "../../server/runtime/mod.ts";
import { connectNats, jetstreamJournal, natsNetwork } from "../../server/store/mod.ts";
import { tally } from "./tally.ts";

const [url, name] = Deno.args as [string, string];
const seed = new TextEncoder().encode(Deno.env.get("NATS_SEED"));
const connection = await connectNats({ url, name, seed });
const node = createNode({
  node: name,
  actors: [tally],
  journal: await jetstreamJournal(connection),
  network: natsNetwork(connection),
});
await node.start();
console.log("ready");
