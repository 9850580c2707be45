// One-tap help (一键求助) and error reports of clients.
import { clientErrorBody, helpAnswer, helpBody } from "../../../wire/http.ts";
import { isNo } from "../answer.ts";
import type { HttpDeps } from "../deps.ts";
import type { Limits } from "../limits.ts";
import { once } from "../once.ts";
import { type Route, route } from "../route.ts";

interface Ticket {
  id: string;
  tenant: string;
  userId: string;
  orderId?: string | undefined;
  pileId?: string | undefined;
  text: string;
  at: number;
  status: "open";
}

export function helpRoutes(deps: HttpDeps, limits: Limits): Route[] {
  const { directory, clock, log, metrics } = deps;
  return [
    route({
      tag: "help",
      key: "needed",
      method: "POST",
      path: "/v1/help",
      summary: "Ask for help; the ticket holds the order and the pile",
      body: helpBody,
      answers: { 201: helpAnswer },
      async handle(asked) {
        const first = await once(directory, asked);
        if (isNo(first)) return first;
        const { tenant, principal, route, key, body } = asked;
        const id = deps.entityId("tkt", { tenant, principal, route, key });
        const { orderId, pileId, text = "" } = body;
        const about = { tenant, userId: principal.id, orderId, pileId };
        const ticket: Ticket = { id, ...about, text, at: clock.now(), status: "open" };
        const tickets = await directory.bucket<Ticket>("help");
        if (await tickets.create(`${tenant}/${id}`, ticket) !== null) {
          log.warn({ ticketId: id, orderId, pileId }, "help wanted");
          metrics.count("help_tickets");
        }
        return { status: 201, body: { ticketId: id }, replay: first.replay };
      },
    }),
    route({
      tag: "help",
      key: "exempt",
      method: "POST",
      path: "/v1/client-errors",
      summary: "Report a crash of a page",
      body: clientErrorBody,
      answers: { 202: null },
      async handle({ body, address, who }) {
        const refused = await limits.take("reports", address);
        if (refused) return refused;
        metrics.count("client_errors");
        log.warn({ ...body, by: who.kind }, "a client broke");
        return { status: 202 };
      },
    }),
  ];
}
