// scratch: a world with the city
import { startWorld } from "../test/kit/world.ts";
import { join } from "node:path";
const world = await startWorld({ sync: "always" });
const server = await world.startServer();
console.log("SERVER", server.url, world.nats.url, world.dir);
Deno.writeTextFileSync(
  "/tmp/cw/world.json",
  JSON.stringify({
    url: server.url,
    nats: world.nats.url,
    dir: world.dir,
    log: server.logFile,
    seeds: world.nats.credentials,
    secretsDir: world.secretsDir,
  }),
);
await new Promise<void>((d) => {
  Deno.addSignalListener("SIGTERM", () => d());
  Deno.addSignalListener("SIGINT", () => d());
});
await world[Symbol.asyncDispose]();
