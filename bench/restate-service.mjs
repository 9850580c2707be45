// Program for Node: the same counter on Restate's SDK. Arguments: folder of the packages, port, pad.
import { createRequire } from "node:module";

// Its SDK wants a Node of 22 or later; on an older one this is all that it lacks.
Promise.withResolvers ??= () => {
  let resolve, reject;
  const promise = new Promise((...both) => [resolve, reject] = both);
  return { promise, resolve, reject };
};

const [folder, port, pad] = process.argv.slice(2);
const require = createRequire(`${folder}/package.json`);
const restate = require("@restatedev/restate-sdk");

const counter = restate.object({
  name: "counter",
  handlers: {
    async add(ctx, { by }) {
      const state = (await ctx.get("state")) ?? { total: 0, pad: "x".repeat(Number(pad)) };
      const total = state.total + by;
      ctx.set("state", { ...state, total });
      return { total };
    },
  },
});

await restate.serve({ services: [counter], port: Number(port) });
