// Cards (OCPP id-tags) and the people they belong to: where the OCPP gateway looks them up.
import * as z from "zod";
import { idTag } from "../../../wire/ids.ts";
import { linesQuery } from "../../../wire/http.ts";
import { card, cardBody, cardList } from "../../../wire/http-ops.ts";
import { isoOf } from "../../../wire/units.ts";
import { answered, isNo, ok } from "../answer.ts";
import { look } from "../command.ts";
import type { HttpDeps } from "../deps.ts";
import { once } from "../once.ts";
import { pageOf } from "../paging.ts";
import { type Route, route } from "../route.ts";

interface Kept {
  userId: string;
  blocked?: boolean;
  updatedAt?: number;
}

const cardsOf = ({ directory }: HttpDeps) => directory.bucket<Kept>("idtags", { hot: true });
const shown = (tag: string, { userId, blocked = false, updatedAt = 0 }: Kept) => ({
  idTag: tag,
  userId,
  blocked,
  updatedAt: isoOf(updatedAt),
});

export const opsCardRoutes = (deps: HttpDeps): Route[] => [
  listRoute(deps),
  putRoute(deps),
  deleteRoute(deps),
];

function listRoute(deps: HttpDeps): Route {
  return route({
    tag: "ops cards",
    key: "exempt",
    method: "GET",
    path: "/v1/ops/id-tags",
    summary: "Cards by number",
    query: linesQuery,
    answers: { 200: cardList },
    async handle({ tenant, query }) {
      const prefix = `${tenant}/`;
      const rows = (await (await cardsOf(deps)).entries(prefix))
        .map(({ key, value }) => ({ id: key.slice(prefix.length), value }))
        .sort((a, b) => a.id < b.id ? -1 : 1);
      const { items, next } = pageOf(rows, query);
      const list = items.map(({ id, value }) => shown(id, value));
      return ok({ items: list, next, asOf: isoOf(deps.clock.now()), lagMs: 0 });
    },
  });
}

function putRoute(deps: HttpDeps): Route {
  return route({
    tag: "ops cards",
    key: "needed",
    method: "PUT",
    path: "/v1/ops/id-tags",
    summary: "Give a card to a person, or block it",
    body: cardBody,
    answers: { 200: card },
    async handle(asked) {
      const first = await once(deps.directory, asked);
      if (isNo(first)) return first;
      const { idTag: tag, userId, blocked = false } = asked.body;
      const user = await look(deps.client, asked, { to: { kind: "user", id: userId } });
      if (!user.ok) return answered(user, () => ({ status: 200 }));
      const kept: Kept = { userId, blocked, updatedAt: deps.clock.now() };
      await (await cardsOf(deps)).put(`${asked.tenant}/${tag}`, kept);
      return { status: 200, body: shown(tag, kept), replay: first.replay };
    },
  });
}

function deleteRoute(deps: HttpDeps): Route {
  return route({
    tag: "ops cards",
    key: "needed",
    method: "DELETE",
    path: "/v1/ops/id-tags/{idTag}",
    summary: "Forget a card",
    params: z.strictObject({ idTag }),
    answers: { 204: null },
    async handle(asked) {
      const first = await once(deps.directory, asked);
      if (isNo(first)) return first;
      await (await cardsOf(deps)).delete(`${asked.tenant}/${asked.params.idTag}`);
      return { status: 204, replay: first.replay };
    },
  });
}
