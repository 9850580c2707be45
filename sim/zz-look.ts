import { createDriver } from "./mod.ts";
const w = JSON.parse(Deno.readTextFileSync("/tmp/cw/world.json"));
const d = createDriver({ baseUrl: w.url, phone: Deno.args[0]! });
await d.signIn();
const { orders } = await d.active();
for (const o of orders) {
  console.log(JSON.stringify(o));
  const live = d.live({
    tick: (t) => console.log("tick", JSON.stringify(t)),
    fact: (f) => console.log("fact", f.type),
    snapshot: (r, v) => console.log("snap", r, v),
    notice: (n) => console.log("notice", JSON.stringify(n)),
  });
  await live.watch("order:" + o.id).catch((e) => console.log(e.message));
  await new Promise((r) => setTimeout(r, 5000));
  live.close();
}
