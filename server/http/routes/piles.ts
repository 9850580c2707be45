// One pile and what a charge there would cost: asked of the pile's actor itself.
import * as z from "zod";
import { pileId } from "../../../wire/ids.ts";
import { publicPile, quote, quoteQuery, versionQuery } from "../../../wire/http.ts";
import type { PileView } from "../../../wire/pile.ts";
import { answered, ok } from "../answer.ts";
import { look } from "../command.ts";
import type { HttpDeps } from "../deps.ts";
import { publicPileOf } from "../../views/mod.ts";
import { type Route, route } from "../route.ts";

const params = z.strictObject({ id: pileId });

export function pileRoutes({ client }: HttpDeps): Route[] {
  return [
    route({
      tag: "stations",
      key: "exempt",
      method: "GET",
      path: "/v1/piles/{id}",
      summary: "One pile with its connectors, live",
      params,
      query: versionQuery,
      answers: { 200: publicPile },
      async handle(asked) {
        const to = { kind: "pile", id: asked.params.id };
        const reply = await look(client, asked, { to }, asked.query);
        return answered(reply, (body) => ok(publicPileOf(body as PileView)));
      },
    }),
    route({
      tag: "stations",
      key: "exempt",
      method: "GET",
      path: "/v1/piles/{id}/quote",
      summary: "Prices by time of day, the hold, and whether a start would be taken now",
      params,
      query: quoteQuery,
      answers: { 200: quote },
      async handle(asked) {
        const { connector, limit } = asked.query;
        const { id } = asked.params;
        const [name, number] = limit?.split(":") ?? [];
        const query = { connector, ...(name ? { limit: { [name]: Number(number) } } : {}) };
        const reply = await look(client, asked, { to: { kind: "pile", id }, name: "quote", query });
        return answered(reply, (body, v) => ok({ pileId: id, connector, v, ...body as object }));
      },
    }),
  ];
}
