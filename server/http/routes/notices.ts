// A driver's notices: the inbox, the browsers that take pushes, language and mail.
import * as z from "zod";
import { deviceId, type InboxView } from "../../../wire/inbox.ts";
import {
  mailCodeBody,
  noticeList,
  paging,
  pushAnswer,
  pushBody,
  pushState,
  reach,
  reachBody,
  readNoticesBody,
} from "../../../wire/http.ts";
import { isoOf } from "../../../wire/units.ts";
import { type Answer, answered, isNo, no, ok } from "../answer.ts";
import { command, commanded, look } from "../command.ts";
import type { HttpDeps } from "../deps.ts";
import type { Limits } from "../limits.ts";
import { once } from "../once.ts";
import { type Asked, type Route, route } from "../route.ts";

const base = { tag: "notices" };
const inboxOf = ({ principal }: Asked) => ({ kind: "inbox", id: principal.id });

export const noticeRoutes = (deps: HttpDeps, limits: Limits): Route[] => [
  listRoute(deps),
  readRoute(deps),
  pushStateRoute(deps),
  putPushRoute(deps),
  dropPushRoute(deps),
  reachRoute(deps),
  setReachRoute(deps, limits),
  mailRoute(deps, limits),
];

function listRoute(deps: HttpDeps): Route {
  return route({
    ...base,
    key: "exempt",
    method: "GET",
    path: "/v1/me/notices",
    summary:
      "Notices, newest first: the first page from the inbox itself, older ones from the archive",
    query: z.strictObject(paging),
    answers: { 200: noticeList },
    async handle(asked) {
      const reply = await look(deps.client, asked, { to: inboxOf(asked) });
      if (!reply.ok) return answered(reply, () => ({ status: 200 }));
      return await pageOf(deps, asked, reply.body as InboxView);
    },
  });
}

/** First cursor behind what the inbox itself holds. */
const OLDER = "older";

/** The archive may lag: what the inbox holds is shown from there. */
async function pageOf(
  { views, clock }: HttpDeps,
  asked: Asked<unknown, { cursor?: string | undefined; size?: number | undefined }>,
  { items, unread, older }: InboxView,
): Promise<Answer> {
  const { cursor, ...size } = asked.query;
  if (cursor === undefined) {
    const next = older ? OLDER : null;
    return ok({ items, next, unread, asOf: isoOf(clock.now()), lagMs: 0 });
  }
  const known = new Set(items.map(({ id }) => id));
  const from = cursor === OLDER ? {} : { cursor };
  const page = await views.notices(asked.tenant, asked.principal.id, { ...size, ...from });
  const lagMs = views.lagMs();
  const left = page.items.filter(({ id }) => !known.has(id));
  return ok({ ...page, items: left, unread, asOf: isoOf(clock.now() - lagMs), lagMs });
}

function readRoute({ client }: HttpDeps): Route {
  return route({
    ...base,
    key: "needed",
    method: "POST",
    path: "/v1/me/notices/read",
    summary: "Mark notices as read; without ids: all of them",
    body: readNoticesBody,
    answers: { 204: null },
    handle: (asked) => {
      const { ids } = asked.body;
      const read = { type: "ReadNotices", body: ids === undefined ? {} : { ids } };
      return commanded(client, asked, { to: inboxOf(asked), ...read }, () => ({ status: 204 }));
    },
  });
}

function pushStateRoute({ client, pushKey }: HttpDeps): Route {
  return route({
    ...base,
    key: "exempt",
    method: "GET",
    path: "/v1/me/push",
    summary: "With which key a browser subscribes, and which devices are pushed to",
    answers: { 200: pushState },
    async handle(asked) {
      const reply = await look(client, asked, { to: inboxOf(asked) });
      return answered(reply, (body) => {
        const { devices } = body as InboxView;
        return ok({ publicKey: pushKey, devices });
      });
    },
  });
}

function putPushRoute({ client, directory, identity, mayPushTo, pushKey }: HttpDeps): Route {
  return route({
    ...base,
    key: "needed",
    method: "PUT",
    path: "/v1/me/push",
    summary:
      "Push notices to this browser; a browser is pushed to for whoever signed in there last",
    body: pushBody,
    answers: { 200: pushAnswer },
    async handle(asked) {
      const { tenant, principal, body } = asked;
      if (pushKey === null || !mayPushTo(body.endpoint)) return no("push.foreign");
      const first = await once(directory, asked); // before anything is kept
      if (isNo(first)) return first;
      const { deviceId, before } = await identity.reach.putDevice(tenant, principal.id, body);
      if (before !== null) {
        await command(client, asked, {
          to: { kind: "inbox", id: before },
          type: "RemoveDevice",
          body: { deviceId },
          principal: { kind: "system", id: "http" },
          step: "before",
        });
      }
      const put = { type: "PutDevice", body: { deviceId } };
      return await commanded(
        client,
        asked,
        { to: inboxOf(asked), ...put },
        () => ok({ deviceId }),
      );
    },
  });
}

function dropPushRoute({ client, directory, identity }: HttpDeps): Route {
  return route({
    ...base,
    key: "needed",
    method: "DELETE",
    path: "/v1/me/push/{deviceId}",
    summary: "Push no more to that browser",
    params: z.strictObject({ deviceId }),
    body: z.strictObject({}),
    answers: { 204: null },
    async handle(asked) {
      const { deviceId } = asked.params;
      const first = await once(directory, asked);
      if (isNo(first)) return first;
      await identity.reach.forgetDevice(asked.tenant, asked.principal.id, deviceId);
      const remove = { type: "RemoveDevice", body: { deviceId } };
      return await commanded(
        client,
        asked,
        { to: inboxOf(asked), ...remove },
        () => ({ status: 204 }),
      );
    },
  });
}

async function reached({ identity }: HttpDeps, { tenant, principal }: Asked): Promise<Answer> {
  const known = await identity.reach.of(tenant, principal.id);
  if (!known) return no("user.unknown");
  return ok({ language: known.language, mail: known.mail ?? null });
}

function reachRoute(deps: HttpDeps): Route {
  return route({
    ...base,
    key: "exempt",
    method: "GET",
    path: "/v1/me/reach",
    summary: "Language and mail address of notices",
    answers: { 200: reach },
    handle: (asked) => reached(deps, asked),
  });
}

function setReachRoute(deps: HttpDeps, limits: Limits): Route {
  const { identity } = deps;
  return route({
    ...base,
    key: "exempt", // the same again is the same
    method: "PUT",
    path: "/v1/me/reach",
    summary: "Language of notices; a mail address gets a code and counts once that came back",
    body: reachBody,
    answers: { 200: reach },
    async handle(asked) {
      const { tenant, principal, body, address } = asked;
      const { language, mail } = body;
      if (typeof mail === "string") {
        const refused = await limits.take("signIn", address) ??
          await identity.mailCodes.send(tenant, mail);
        if (refused) return refused;
      }
      const change = {
        ...(language === undefined ? {} : { language }),
        ...(mail === null ? { mail } : {}),
      };
      await identity.reach.set(tenant, principal.id, change);
      return await reached(deps, asked);
    },
  });
}

function mailRoute(deps: HttpDeps, limits: Limits): Route {
  const { identity } = deps;
  return route({
    ...base,
    key: "exempt",
    method: "POST",
    path: "/v1/me/reach/mail",
    summary: "The code that came by mail: notices go there from now on",
    body: mailCodeBody,
    answers: { 200: reach },
    async handle(asked) {
      const { tenant, principal, body, address } = asked;
      const refused = await limits.take("signIn", address);
      if (refused) return refused;
      if (!await identity.mailCodes.check(tenant, body.mail, body.code)) {
        return no("auth.code-wrong");
      }
      await identity.reach.set(tenant, principal.id, { mail: body.mail });
      return await reached(deps, asked);
    },
  });
}
