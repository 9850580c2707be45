// Parts of the build that both clients share: nothing of a page is fetched from another host.
import { Buffer } from "node:buffer";
import type { Plugin } from "vite";

const DATA_FONT = /url\((data:font\/woff2;[^)]*base64,([^)]+))\)/;

/** Vant's icon font: emitted as a file of our own; its remote second source is dropped. */
export function ownIconFont(): Plugin {
  let building = false;
  return {
    name: "own-icon-font",
    enforce: "pre",
    configResolved(config) {
      building = config.command === "build";
    },
    transform(code, id) {
      if (!/vant\/(es|lib)\/.*icon.*\.css/.test(id)) return null;
      const found = DATA_FONT.exec(code);
      if (found === null) return null;
      const emit = () => {
        const source = Buffer.from(found[2]!, "base64");
        const ref = this.emitFile({ type: "asset", name: "vant-icon.woff2", source });
        return `__VITE_ASSET__${ref}__`;
      };
      const url = building ? emit() : found[1];
      return code.replace(/src:[^;}]+;[^}]*?(?=\})/, `src:url(${url}) format("woff2")`);
    },
  };
}

/** Where `vite dev` finds the platform. */
export const platformProxy = {
  "/v1": "http://127.0.0.1:8080",
  "/sandbox": "http://127.0.0.1:8080",
  "/live": { target: "ws://127.0.0.1:8080", ws: true },
};
