// Entry of the console: language and theme first, then the page.
import "@chargeward/web-kit/tokens.css";
import "./element.ts";
import "./styles.css";
import { ensureHanFont, preferredLocale } from "@chargeward/web-kit/mod.ts";
import { createApp, watch } from "vue";
import App from "./App.vue";
import { tellAlert, tellCrash } from "./data/tell.ts";
import { applyTheme } from "./data/theme.ts";
import { createPlatform, platformKey } from "./platform.ts";
import { createConsoleRouter } from "./router.ts";
import { words } from "./words.ts";

applyTheme();
const platform = createPlatform(tellAlert);
const router = createConsoleRouter(platform);
const app = createApp(App);
app.config.errorHandler = (error) => {
  console.error(error);
  tellCrash();
};
app.use(words.i18n);
app.use(router);
app.provide(platformKey, platform);
watch(platform.session.user, (user) => {
  if (user === null) void router.push({ name: "sign-in" });
});
await Promise.all([words.use(preferredLocale()), ensureHanFont()]);
app.mount("#app");
