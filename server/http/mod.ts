// Door of the HTTP gateway.
export { createHttp } from "./app.ts";
export { grants } from "./grants.ts";
export type { HttpDeps, PayCallback, Sandbox } from "./deps.ts";
export { type DemoOps, seedDemo } from "./demo.ts";
export { defaultRates, demoRates, type Rates } from "./limits.ts";
export {
  createIdentity,
  defaultCodeRates,
  demoCodeRates,
  type Identity,
  type IdentityDeps,
  type Sms,
} from "./sign-in/mod.ts";
export type { Who } from "./who.ts";
