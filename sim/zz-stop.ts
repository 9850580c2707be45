import { connect, nkeyAuthenticator } from "@nats-io/transport-node";
import { deviceInbox } from "../wire/subjects.ts";
const w = JSON.parse(Deno.readTextFileSync("/tmp/cw/world.json"));
const b = JSON.parse(Deno.readTextFileSync(w.dir + "/node-1/city/city.json"));
const id = "SH-RMG-03";
const nc = await connect({
  servers: [w.nats],
  authenticator: nkeyAuthenticator(new TextEncoder().encode(b.piles[id].secret)),
  inboxPrefix: deviceInbox("main", id),
  reconnect: false,
});
let t = performance.now();
await nc.close();
console.log("close", performance.now() - t);
