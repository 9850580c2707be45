// A console user over the public API: password and one-time code, then stations, piles and cards.
import { Secret, TOTP } from "otpauth";
import type * as z from "zod";
import type {
  cardBody,
  OpsSession,
  pileBody,
  pileCreated,
  stationBody,
} from "../../wire/http-ops.ts";
import type { fitLockBody, LockView } from "../../wire/lock.ts";
import type { StationView } from "../../wire/user.ts";
import { Api, Refused } from "../driver/mod.ts";

export interface OpsAccount {
  readonly name: string;
  readonly password: string;
  readonly totpSecret: string;
}
export type StationPlan = z.input<typeof stationBody>;
export type PilePlan = z.input<typeof pileBody>;
export type PileMade = z.infer<typeof pileCreated>;

/** A one-time code is good once: after a use the next one comes within this. */
const CODE_STEP_MS = 30_000;

export class Ops {
  private constructor(readonly api: Api) {}

  static async signIn(baseUrl: string, account: OpsAccount): Promise<Ops> {
    const api = new Api(baseUrl);
    const { name, password } = account;
    const { ticket } = await api.post<{ ticket: string }>("/v1/ops/auth/password", {
      name,
      password,
    });
    const session = () => {
      const secret = Secret.fromBase32(account.totpSecret);
      const body = { ticket, code: new TOTP({ secret }).generate() };
      return api.ask<OpsSession>("POST", "/v1/ops/auth/mfa", { body, tries: 1 });
    };
    const answer = await session().catch(async (error) => {
      if (!(error instanceof Refused && error.code === "auth.mfa-wrong")) throw error;
      await new Promise((done) => setTimeout(done, CODE_STEP_MS - Date.now() % CODE_STEP_MS));
      return await session(); // this one was used by a sign-in just before
    });
    const cookies = answer.headers.getSetCookie().map((cookie) => cookie.split(";")[0]);
    api.headers = { Cookie: cookies.join("; "), "X-CSRF": answer.body.csrf };
    return new Ops(api);
  }

  openStation(plan: StationPlan, key?: string): Promise<StationView> {
    return this.api.post("/v1/ops/stations", plan, key);
  }

  registerPile(plan: PilePlan, key?: string): Promise<PileMade> {
    return this.api.post("/v1/ops/piles", plan, key);
  }

  fitLock(id: string, lock: z.input<typeof fitLockBody>): Promise<LockView> {
    return this.api.post(`/v1/ops/piles/${id}/locks`, lock);
  }

  /** The old secret is worth nothing from now on. */
  rotateSecret(id: string, key?: string): Promise<{ secret: string; platformKey: string }> {
    return this.api.post(`/v1/ops/piles/${id}/secret`, {}, key);
  }

  async giveCard(card: z.input<typeof cardBody>): Promise<void> {
    await this.api.ask("PUT", "/v1/ops/id-tags", { body: card });
  }
}
