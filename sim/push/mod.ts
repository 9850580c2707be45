// Door of the push service of the browsers: a stranger to the platform, and the browser at its other end.
export { type BrowserKeys, type PushBrowser, pushBrowser } from "./browser.ts";
export { PUSH_PATH, servePush } from "./over-http.ts";
export { type Delivery, PushService, type Sealed } from "./service.ts";
