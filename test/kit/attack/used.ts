// Keys and tokens that were good once: a stranger with somebody's key learns nothing, another body
// under a key is refused, a refresh token that comes back late ends the session.
import { expect } from "vitest";
import { newKey } from "../../../sim/mod.ts";
import type { Session } from "../../../wire/http.ts";
import { richDriver } from "../place.ts";
import type { Ground, Headers1 } from "./ground.ts";

export async function usedAgain({ server, say, of, victim, stranger }: Ground): Promise<void> {
  const key = newKey();
  const help = (headers: Headers1, text: string) =>
    say({
      method: "POST",
      path: "/v1/help",
      headers: { ...headers, "Idempotency-Key": key },
      body: { text },
    });
  const ticketOf = ({ body }: { body: unknown }) => (body as { ticketId: string }).ticketId;
  const first = await help(of(victim), "mine");
  const theirs = await help(of(stranger), "mine");
  expect([first.status, theirs.status]).toEqual([201, 201]);
  expect(ticketOf(theirs)).not.toBe(ticketOf(first));
  expect(ticketOf(await help(of(victim), "mine"))).toBe(ticketOf(first));
  expect(await help(of(victim), "other")).toMatchObject({ status: 422, code: "key.reused" });

  const guest = await richDriver(server.url, 3, 0);
  const { refresh, token } = await guest.signIn();
  const renew = async (used: string) =>
    await say({ method: "POST", path: "/v1/auth/refresh", body: { refresh: used } });
  const renewed = await renew(refresh);
  const next = renewed.body as Session;
  expect(renewed.status).toBe(200);
  const expired = { status: 401, code: "auth.expired" };
  expect(await renew(refresh)).toMatchObject(expired);
  expect(await renew(next.refresh)).toMatchObject(expired);
  for (const stolen of [token, next.token]) {
    const headers = { Authorization: `Bearer ${stolen}` };
    expect(await say({ method: "GET", path: "/v1/wallet", headers }))
      .toMatchObject({ status: 401, code: "auth.required" });
  }
}
