// Doors for others: the provider's callbacks, and in the demo the sandbox that stands for the world.
import * as z from "zod";
import { paymentId } from "../../../wire/ids.ts";
import { mailAddress, phone } from "../../../wire/http.ts";
import { behaviourBody, billDayQuery, inboxItem } from "../../../wire/http-ops.ts";
import { provider } from "../../../wire/order.ts";
import { type Answer, no, ok } from "../answer.ts";
import type { HttpDeps, Sandbox } from "../deps.ts";
import { type Route, route } from "../route.ts";
import { normalPhone } from "./auth.ts";

export function callbackRoutes({ payCallback }: HttpDeps): Route[] {
  return [
    route({
      tag: "callbacks",
      key: "exempt",
      unlimited: true,
      rawBody: true,
      method: "POST",
      path: "/v1/callbacks/pay/{provider}",
      summary: "The payment provider reports; answered in its own form, after the record",
      params: z.strictObject({ provider }),
      answers: { 200: z.strictObject({ code: z.string(), message: z.string() }) },
      async handle({ tenant, params, header, raw, trace }) {
        const { provider } = params;
        const { status, body, contentType } = await payCallback({
          tenant,
          provider,
          header,
          body: raw,
          trace,
        });
        return { status, text: body, contentType };
      },
    }),
  ];
}

// A plus in a query reads as a space.
const phoneInQuery = z.string().transform((text) => text.replace(/^ /, "+")).pipe(phone);

async function passOn(sandbox: Sandbox, ...call: Parameters<Sandbox["provider"]>): Promise<Answer> {
  return await sandbox.provider(...call) ?? no("unavailable", { what: "sandbox provider" });
}

const base = { tag: "sandbox", key: "exempt" as const };

/** Demo only: what would have been sent as SMS, and the sandbox provider's levers. */
export const sandboxRoutes = (deps: HttpDeps, sandbox: Sandbox): Route[] => [
  ...leverRoutes(deps, sandbox),
  ...payRoutes(sandbox),
];

function leverRoutes({ tenant }: HttpDeps, sandbox: Sandbox): Route[] {
  return [
    route({
      ...base,
      method: "GET",
      path: "/sandbox/inbox",
      summary: "SMS and mail to the person of a phone, or mail to an address, newest first",
      query: z.strictObject({ phone: phoneInQuery.optional(), mail: mailAddress.optional() }),
      answers: { 200: z.array(inboxItem) },
      handle: async ({ query }) => {
        const { phone, mail } = query;
        const name = phone === undefined ? mail : normalPhone(phone);
        if (name === undefined) return no("request.malformed", { path: "query.phone" });
        return ok(await sandbox.inbox(tenant, name));
      },
    }),
    route({
      ...base,
      method: "GET",
      path: "/sandbox/provider/behaviour",
      summary: "What the provider will do wrong next",
      answers: { 200: behaviourBody },
      handle: () => passOn(sandbox, "GET", "/sandbox/behaviour"),
    }),
    route({
      ...base,
      method: "PUT",
      path: "/sandbox/provider/behaviour",
      summary: "Make the provider misbehave, once for each entry",
      body: behaviourBody,
      answers: { 200: behaviourBody },
      handle: ({ body }) => passOn(sandbox, "PUT", "/sandbox/behaviour", JSON.stringify(body)),
    }),
    route({
      ...base,
      method: "GET",
      path: "/sandbox/provider/bill",
      summary: "The provider's bill of a day",
      query: billDayQuery,
      answers: { 200: z.unknown() },
      handle: ({ query }) => passOn(sandbox, "GET", `/sandbox/bill?day=${query.day}`),
    }),
  ];
}

/** The provider's page and the user's hand on it. */
function payRoutes(sandbox: Sandbox): Route[] {
  const byPayment = z.strictObject({ paymentId });
  return [
    route({
      ...base,
      method: "GET",
      path: "/sandbox/pay/{paymentId}",
      summary: "The provider's payment page",
      params: byPayment,
      answers: { 200: z.unknown() },
      handle: ({ params }) => passOn(sandbox, "GET", `/sandbox/pay/${params.paymentId}`),
    }),
    route({
      ...base,
      method: "POST",
      path: "/sandbox/pay/{paymentId}",
      summary: "Pay as the user would, or refuse to",
      params: byPayment,
      body: z.strictObject({ outcome: z.enum(["success", "fail"]).optional() }),
      answers: { 200: z.unknown() },
      handle: ({ params, body }) =>
        passOn(sandbox, "POST", `/sandbox/pay/${params.paymentId}`, JSON.stringify(body)),
    }),
  ];
}
