// Build of the console: base `/ops/`, everything self-hosted.
import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";
import { platformProxy } from "../web-kit/vite-parts.ts";

export default defineConfig({
  root: import.meta.dirname,
  base: "/ops/",
  plugins: [vue()],
  define: {
    __VUE_I18N_LEGACY_API__: "false",
    __VUE_I18N_FULL_INSTALL__: "false",
    __INTLIFY_PROD_DEVTOOLS__: "false",
  },
  build: { target: "es2022", assetsInlineLimit: 0, sourcemap: false, chunkSizeWarningLimit: 700 },
  server: { port: 5174, proxy: platformProxy },
});
