// Drivers' sign-in: code by SMS, session, refresh, sign-out.
import * as z from "zod";
import { codeBody, refreshBody, refreshed, session, sessionBody } from "../../../wire/http.ts";
import { isoOf } from "../../../wire/units.ts";
import { isNo, no } from "../answer.ts";
import type { HttpDeps } from "../deps.ts";
import type { Limits } from "../limits.ts";
import { type Route, route } from "../route.ts";

/** One person, one way to write the number: E.164. */
export const normalPhone = (phone: string): string => phone.startsWith("+") ? phone : `+86${phone}`;

const base = { tag: "sign-in", key: "exempt" as const };

export const authRoutes = (deps: HttpDeps, limits: Limits): Route[] => [
  codeRoute(deps, limits),
  sessionRoute(deps, limits),
  refreshRoute(deps),
  signOutRoute(deps),
];

function codeRoute({ identity, tenant }: HttpDeps, limits: Limits): Route {
  return route({
    ...base,
    method: "POST",
    path: "/v1/auth/code",
    summary: "Send a sign-in code; the answer tells nothing about the phone",
    body: codeBody,
    answers: { 204: null },
    async handle({ body, address }) {
      const refused = await limits.take("signIn", address);
      if (refused) return refused;
      return await identity.codes.send(tenant, normalPhone(body.phone)) ?? { status: 204 };
    },
  });
}

function sessionRoute({ identity, tenant }: HttpDeps, limits: Limits): Route {
  return route({
    ...base,
    method: "POST",
    path: "/v1/auth/sessions",
    summary: "Sign in with the code; the first time registers",
    body: sessionBody,
    answers: { 201: session },
    async handle({ body, address, trace }) {
      const refused = await limits.take("signIn", address);
      if (refused) return refused;
      const phone = normalPhone(body.phone);
      if (!await identity.codes.check(tenant, phone, body.code)) return no("auth.code-wrong");
      const { device, agreementVersion } = body;
      const opened = await identity.drivers.signIn({
        tenant,
        phone,
        device,
        agreementVersion,
        trace,
      });
      if (!("tokens" in opened)) return opened;
      const { token, refresh, expiresAt } = opened.tokens;
      return {
        status: 201,
        body: { token, refresh, expiresAt: isoOf(expiresAt), user: opened.user },
      };
    },
  });
}

function refreshRoute({ identity }: HttpDeps): Route {
  return route({
    ...base,
    method: "POST",
    path: "/v1/auth/refresh",
    summary:
      "New tokens for the refresh token, which works once (a lost answer: repeat with the same " +
      "Idempotency-Key within a minute); an old one ends the session",
    body: refreshBody,
    answers: { 200: refreshed },
    // Not counted as a sign-in: phones behind one address refresh all day, and 192 bits are not guessed.
    async handle({ body, header }) {
      const key = header("idempotency-key") ?? "";
      const renewed = await identity.drivers.refresh(body.refresh, key);
      if (isNo(renewed)) return renewed;
      const { replay = false, ...tokens } = renewed;
      return { status: 200, body: { ...tokens, expiresAt: isoOf(tokens.expiresAt) }, replay };
    },
  });
}

function signOutRoute({ identity }: HttpDeps): Route {
  return route({
    ...base,
    method: "DELETE",
    path: "/v1/auth/sessions/this",
    summary: "Sign out: tokens of this session are worth nothing from now on",
    body: z.strictObject({}),
    answers: { 204: null },
    async handle({ who }) {
      if (who.kind === "driver") await identity.drivers.signOut(who.tenant, who.sid);
      return { status: 204 };
    },
  });
}
