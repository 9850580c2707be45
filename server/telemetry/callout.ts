// Answers the nats-server's question who a connecting pile is. The server does not check the signature of
// a key that it does not know: this does, over the server's own nonce, and refuses where either is missing.
import { encodeAuthorizationResponse, encodeUser } from "@nats-io/jwt";
import type { Msg, NatsConnection } from "@nats-io/nats-core";
import { Prefix } from "@nats-io/nkeys";
import * as z from "zod";
import { authCallout, deviceGrants } from "../../wire/subjects.ts";
import { type NkeyOwner, NKEYS, PILE_AUTH, type PileAuth, pileAuthKey } from "../pile-keys.ts";
import type { Directory, Log, Metrics } from "../ports.ts";
import type { sayOnce } from "../say-once.ts";
import { fastPair, signedBy } from "./fast-keys.ts";

const ACCOUNT = "DEVICES";
/** Answers of a pile to our requests: one each, while we wait. */
const RESPONSES = { max: 1, ttl: 10_000_000_000 };
/** Twice the largest payload that is looked at: one too large is answered, not cut. */
const PAYLOAD_BYTES_MAX = 65_536;
/** Two subjects are granted; a few inboxes lie under them. */
const SUBSCRIPTIONS_MAX = 16;

const question = z.object({
  user_nkey: z.string(),
  server_id: z.object({ id: z.string() }),
  client_info: z.object({ nonce: z.string().optional(), host: z.string().optional() }).optional(),
  connect_opts: z.object({ nkey: z.string().optional(), sig: z.string().optional() }).optional(),
});
type Question = z.infer<typeof question>;
type Verdict = { ok: true; pile: NkeyOwner } | { ok: false; why: string };

export interface CalloutDeps {
  directory: Directory;
  log: Log;
  metrics: Metrics;
  /** So that one stranger cannot fill the log. */
  speak: ReturnType<typeof sayOnce>;
}

export function answerCallout(
  deps: CalloutDeps,
  connection: NatsConnection,
  issuerSeed: string,
): { stop(): void } {
  const issuer = fastPair(issuerSeed);
  const answer = async (message: Msg) => {
    const asked = readQuestion(message.data);
    if (asked === null) return deps.metrics.count("callout", { verdict: "unreadable" });
    const verdict = await judge(deps, asked);
    deps.metrics.count("callout", { verdict: verdict.ok ? "pile" : verdict.why });
    if (!verdict.ok) {
      const { host } = asked.client_info ?? {};
      const nkey = asked.connect_opts?.nkey?.slice(0, 60);
      if (deps.speak(`callout/${verdict.why}/${nkey}`)) {
        deps.log.warn({ why: verdict.why, nkey, host }, "device refused at NATS");
      }
    }
    const { user_nkey, server_id } = asked;
    const body = verdict.ok
      ? { jwt: await rights(verdict.pile, user_nkey, issuer) }
      : { error: verdict.why };
    message.respond(await encodeAuthorizationResponse(user_nkey, server_id.id, issuer, body, {}));
  };
  const subscription = connection.subscribe(authCallout, {
    queue: "callout",
    callback: (error, message) => {
      if (error) return;
      answer(message).catch((cause) => {
        deps.log.error({ cause: String(cause) }, "callout could not be answered");
      });
    },
  });
  return { stop: () => subscription.unsubscribe() };
}

function rights(pile: NkeyOwner, userNkey: string, issuer: ReturnType<typeof fastPair>) {
  const grants = deviceGrants(pile.tenant, pile.pileId);
  return encodeUser(`${pile.tenant}/${pile.pileId}`, userNkey, issuer, {
    pub: { allow: grants.publish, deny: [] },
    sub: { allow: grants.subscribe, deny: [] },
    resp: RESPONSES,
    subs: SUBSCRIPTIONS_MAX,
    payload: PAYLOAD_BYTES_MAX,
    allowed_connection_types: ["STANDARD"],
  }, { aud: ACCOUNT });
}

/** Only the server can publish in account AUTH; its token is only opened here. */
export function readQuestion(data: Uint8Array): Question | null {
  try {
    const [, claims] = new TextDecoder().decode(data).split(".");
    const token: unknown = JSON.parse(Buffer.from(claims ?? "", "base64url").toString("utf8"));
    const parsed = z.object({ nats: question }).safeParse(token);
    return parsed.success ? parsed.data.nats : null;
  } catch {
    return null;
  }
}

export async function judge(
  { directory }: Pick<CalloutDeps, "directory">,
  { connect_opts, client_info }: Question,
): Promise<Verdict> {
  const { nkey, sig } = connect_opts ?? {};
  const nonce = client_info?.nonce;
  if (!nkey) return { ok: false, why: "no key" };
  if (!sig) return { ok: false, why: "no signature" };
  if (!nonce) return { ok: false, why: "no nonce" };
  const signature = Buffer.from(sig, "base64url"); // takes both alphabets
  if (!signedBy(nkey, Prefix.User, new TextEncoder().encode(nonce), signature)) {
    return { ok: false, why: "signature does not fit" };
  }
  const owners = await directory.bucket<NkeyOwner>(NKEYS, { hot: true });
  const pile = (await owners.get(nkey))?.value;
  if (pile === undefined) return { ok: false, why: "unknown key" };
  const auths = await directory.bucket<PileAuth>(PILE_AUTH, { hot: true });
  const auth = (await auths.get(pileAuthKey(pile.tenant, pile.pileId)))?.value;
  if (auth?.lane !== "native" || auth.nkey !== nkey) return { ok: false, why: "old key" };
  if (auth.blocked === true) return { ok: false, why: "blocked" };
  return { ok: true, pile };
}
