// Entry of the driver's client: language first, then the page; a crash shows a page that explains.
import "@chargeward/web-kit/tokens.css";
import "./vant.ts";
import "./styles.css";
import { ensureHanFont, preferredLocale } from "@chargeward/web-kit/mod.ts";
import { createApp, shallowRef } from "vue";
import type { Notice } from "../../wire/live.ts";
import App from "./App.vue";
import { startWorker } from "./data/push.ts";
import { createPlatform, platformKey } from "./platform.ts";
import { createClientRouter } from "./router.ts";
import { words } from "./words.ts";

const notice = shallowRef<Notice | null>(null);
const crashed = shallowRef(false);
const platform = createPlatform((told) => (notice.value = told));
const app = createApp(App, { notice, crashed, dismiss: () => (notice.value = null) });

function report(error: unknown) {
  const known = error instanceof Error ? error : new TypeError(String(error));
  void platform.calls.report({
    message: known.message.slice(0, 1000),
    stack: known.stack?.slice(0, 8000) ?? "",
    page: location.pathname,
    at: new Date().toISOString(),
  });
}

app.config.errorHandler = (error) => {
  crashed.value = true;
  console.error(error);
  report(error);
};
addEventListener("unhandledrejection", (event) => report(event.reason));

app.use(words.i18n);
app.use(createClientRouter(platform));
app.provide(platformKey, platform);
await Promise.all([words.use(preferredLocale()), ensureHanFont()]);
app.mount("#app");
void startWorker();
