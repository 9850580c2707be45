// Build of the driver's client: base `/`, everything self-hosted.
import { join } from "node:path";
import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";
import { ownIconFont, platformProxy } from "../web-kit/vite-parts.ts";

export default defineConfig({
  root: import.meta.dirname,
  base: "/",
  plugins: [ownIconFont(), vue()],
  define: {
    __VUE_OPTIONS_API__: "false",
    __VUE_I18N_LEGACY_API__: "false",
    __VUE_I18N_FULL_INSTALL__: "false",
    __INTLIFY_PROD_DEVTOOLS__: "false",
  },
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    sourcemap: false,
    rollupOptions: {
      input: {
        index: join(import.meta.dirname, "index.html"),
        sw: join(import.meta.dirname, "src/worker/main.ts"),
      },
      // a service worker rules over what lies beside it: it goes to the root, under one name
      output: {
        entryFileNames: ({ name }) => name === "sw" ? "sw.js" : "assets/[name]-[hash].js",
      },
    },
  },
  server: { port: 5173, proxy: platformProxy },
});
