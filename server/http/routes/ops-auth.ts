// Ops sign-in: password, then TOTP, then a session in a cookie; a short token for live handshakes.
import {
  liveToken,
  mfaBody,
  opsSession,
  passwordAnswer,
  passwordBody,
} from "../../../wire/http-ops.ts";
import { isoOf } from "../../../wire/units.ts";
import { isNo, no } from "../answer.ts";
import type { HttpDeps } from "../deps.ts";
import type { Limits } from "../limits.ts";
import { type Asked, type Route, route } from "../route.ts";
import { COOKIE } from "../sign-in/mod.ts";
import type { Who } from "../who.ts";

const COOKIE_S = 12 * 3600; // the longest a session lives

const base = { tag: "ops sign-in", key: "exempt" as const };

export const opsAuthRoutes = (deps: HttpDeps, limits: Limits): Route[] => [
  passwordRoute(deps, limits),
  mfaRoute(deps, limits),
  sessionRoute(),
  signOutRoute(deps),
  liveTokenRoute(deps),
];

/** A browser keeps a Secure cookie only over TLS; the demo runs without on the loopback address. */
function cookieOf({ publicUrl }: HttpDeps, value: string, maxAgeS: number): string {
  const secure = publicUrl.startsWith("https:") ? "; Secure" : "";
  return `${COOKIE}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAgeS}${secure}`;
}

function passwordRoute({ identity }: HttpDeps, limits: Limits): Route {
  return route({
    ...base,
    method: "POST",
    path: "/v1/ops/auth/password",
    summary: "First step: name and password; the ticket leads to the second",
    body: passwordBody,
    answers: { 200: passwordAnswer },
    async handle({ body, address }) {
      const refused = await limits.take("signIn", address);
      if (refused) return refused;
      const ticket = await identity.ops.password(body.name, body.password);
      if (isNo(ticket)) return ticket;
      return { status: 200, body: { ...ticket, expiresAt: isoOf(ticket.expiresAt) } };
    },
  });
}

function mfaRoute(deps: HttpDeps, limits: Limits): Route {
  return route({
    ...base,
    method: "POST",
    path: "/v1/ops/auth/mfa",
    summary: "Second step: the code of the authenticator; sets the session cookie",
    body: mfaBody,
    answers: { 200: opsSession },
    async handle({ body, address }) {
      const refused = await limits.take("signIn", address);
      if (refused) return refused;
      const opened = await deps.identity.ops.mfa(body.ticket, body.code);
      if (isNo(opened)) return opened;
      return {
        status: 200,
        body: sessionOf(opened.who),
        headers: { "Set-Cookie": cookieOf(deps, opened.cookie, COOKIE_S) },
      };
    },
  });
}

function sessionRoute(): Route {
  return route({
    ...base,
    method: "GET",
    path: "/v1/ops/auth/session",
    summary: "The session behind the cookie, after a reload",
    answers: { 200: opsSession },
    handle: (asked) => opsOnly(asked, (who) => ({ status: 200, body: sessionOf(who) })),
  });
}

function signOutRoute(deps: HttpDeps): Route {
  return route({
    ...base,
    method: "DELETE",
    path: "/v1/ops/auth/session",
    summary: "Sign out",
    answers: { 204: null },
    handle: (asked) =>
      opsOnly(asked, async (who) => {
        await deps.identity.ops.signOut(who);
        return { status: 204, headers: { "Set-Cookie": cookieOf(deps, "", 0) } };
      }),
  });
}

function liveTokenRoute({ identity }: HttpDeps): Route {
  return route({
    ...base,
    method: "POST",
    path: "/v1/ops/live-token",
    summary: "A token for one socket.io handshake, where the cookie cannot travel",
    answers: { 200: liveToken },
    handle: (asked) =>
      opsOnly(asked, async (who) => {
        const { token, expiresAt } = await identity.ops.liveToken(who);
        return { status: 200, body: { token, expiresAt: isoOf(expiresAt) } };
      }),
  });
}

type OpsWho = Extract<Who, { kind: "ops" }>;
const sessionOf = ({ user, csrf, expiresAt }: OpsWho) => ({
  user,
  csrf,
  expiresAt: isoOf(expiresAt),
});
type Handled = ReturnType<Route["handle"]>;
const opsOnly = ({ who }: Asked, then: (who: OpsWho) => Handled): Handled =>
  who.kind === "ops" ? then(who) : no("auth.required");
