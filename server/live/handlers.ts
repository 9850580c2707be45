// What a socket may say: each message by its shape, at a bounded rate; whatever else comes is refused.
import type * as z from "zod";
import { auth, noticeAck, unwatch, watch, type Watched } from "../../wire/live.ts";
import { isBadInput } from "../say-refused.ts";
import type { Connection } from "./connection.ts";
import type { Hub } from "./hub.ts";
import type { LiveDeps, Viewer } from "./ports.ts";
import { rightsOf } from "./rooms.ts";
import type { Watching } from "./watching.ts";

type Answer = { code: string; facts: Record<string, unknown> } | Record<string, unknown>;
interface Untyped {
  on(name: string, listener: (...given: unknown[]) => void): void;
}
const DONE = { ok: true };
const refused = (code: string, facts: Record<string, unknown> = {}): Answer => ({ code, facts });
const BAD_MAX = 50; // a client of ours sends none

export function handle(deps: LiveDeps, hub: Hub, watching: Watching, connection: Connection): void {
  const { socket } = connection;
  let bad = 0;
  const say = (name: string, code: string) =>
    hub.refused({ where: `live ${name}`, code, by: connection.viewer.kind });
  function complain(name: string, code: string, facts: Record<string, unknown> = {}): Answer {
    bad += 1;
    deps.metrics.count("live_refused", { code });
    say(name, code);
    if (bad > BAD_MAX) hub.cut(connection, "bad messages");
    return refused(code, facts);
  }
  function on<T extends z.ZodType>(
    name: "watch" | "unwatch" | "auth" | "notice-ack",
    shape: T,
    run: (message: z.output<T>) => Promise<{ answer: Answer; after?(): void }>,
  ): void {
    const listener = (...given: unknown[]) => {
      const last = given.at(-1);
      const ack = typeof last === "function" ? last as (answer: Answer) => void : () => {};
      if (!connection.maySpeak()) return ack(complain(name, "request.rate-limited"));
      const parsed = shape.safeParse(given[0]);
      if (!parsed.success) {
        const [issue] = parsed.error.issues;
        const path = ["message", ...issue?.path.map(String) ?? []].join(".");
        return ack(complain(name, "request.malformed", { path, problem: issue?.message }));
      }
      run(parsed.data).then(({ answer, after }) => {
        ack(answer);
        for (const code of codesIn(answer)) if (isBadInput(code)) say(name, code);
        after?.();
      }, (error: unknown) => {
        deps.log.error({ message: name, error: String(error) }, "live message broke");
        ack(refused("unavailable"));
      });
    };
    (socket as unknown as Untyped).on(name, listener); // its own types trust the client
  }

  on("watch", watch, async ({ rooms }) => await watching.watch(connection, rooms));
  on("unwatch", unwatch, ({ rooms }) => {
    for (const room of rooms) hub.leave(connection, room);
    return Promise.resolve({ answer: DONE });
  });
  on("notice-ack", noticeAck, async ({ id }) => {
    const { viewer } = connection;
    connection.unread.delete(id);
    if (viewer.kind === "driver") await deps.notices.ack(viewer.tenant, viewer.userId, id);
    return { answer: DONE };
  });
  on("auth", auth, async ({ token }) => ({
    answer: await renew(deps, watching, connection, token),
  }));
  socket.onAny((name: unknown) => {
    const isOurs = typeof name === "string" &&
      ["watch", "unwatch", "auth", "notice-ack"].includes(name);
    if (!isOurs) complain("unknown message", "request.malformed");
  });
  void tellUnread(deps, connection);
}

/** Of a refused message, or of the rooms in it that were refused. */
function codesIn(answer: Answer): string[] {
  if ("code" in answer) return [String(answer.code)];
  return ((answer as Partial<Watched>).refused ?? []).map(({ code }) => code);
}

/** A newer token for the same person: the connection lives on. */
async function renew(
  { identity }: LiveDeps,
  watching: Watching,
  connection: Connection,
  token: string,
): Promise<Answer> {
  const { viewer } = connection;
  const verdict = viewer.kind === "ops"
    ? await identity.opsOf({ token })
    : await identity.driverOf(token);
  if ("refusal" in verdict) return refused(verdict.refusal.code);
  if (verdict.kind === "nobody" || personOf(verdict) !== personOf(viewer)) {
    return refused("auth.forbidden");
  }
  const before = rightsOf(viewer);
  connection.viewer = verdict;
  if (rightsOf(verdict) !== before) await watching.recheck(connection);
  return DONE;
}

const personOf = (viewer: Viewer): string =>
  `${viewer.tenant}/${viewer.kind === "ops" ? viewer.user.id : viewer.userId}`;

/** What was not acknowledged before is said on arrival. */
async function tellUnread(deps: LiveDeps, connection: Connection): Promise<void> {
  const { viewer, unread, socket } = connection;
  if (viewer.kind !== "driver") return;
  try {
    for (const notice of await deps.notices.pending(viewer.tenant, viewer.userId)) {
      if (connection.isOver || unread.has(notice.id)) continue;
      unread.set(notice.id, notice);
      socket.emit("notice", notice);
    }
  } catch (error) {
    deps.log.warn({ error: String(error) }, "notices not read");
  }
}
