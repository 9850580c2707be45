// The one live connection of a page: websocket only, token in the handshake, back with jitter after a
// drop, a drain or a refusal. Copies of rooms are kept by room-keeper.ts.
import { io } from "socket.io-client";
import { readonly, type Ref, shallowRef } from "vue";
import type { Alert, Notice } from "../wire/live.ts";
import { endsSession, type LiveSocket, type RoomEar, RoomKeeper } from "./room-keeper.ts";

export interface LiveOptions {
  namespace: "/driver" | "/ops";
  /** Token of the handshake; `fresh`: the last one was refused, a renewed one is needed. */
  token(fresh: boolean): Promise<string | null>;
  notice?(notice: Notice): void;
  alert?(alert: Alert): void;
  socket?: LiveSocket;
}

export type LinkState = "connecting" | "live" | "lost";

export interface Live {
  state: Readonly<Ref<LinkState>>;
  watch(room: string, ear: RoomEar): () => void;
  /** Gives a renewed token to the running connection. */
  renew(token: string): void;
  /** Tries at once, for example when the browser says that it is online again. */
  wake(): void;
  close(): void;
}

const RETRY_MS = 1000;
const RETRY_MS_MAX = 15_000;

function open(options: LiveOptions, refused: () => boolean): LiveSocket {
  return io(options.namespace, {
    path: "/live",
    transports: ["websocket"],
    reconnectionDelay: RETRY_MS,
    reconnectionDelayMax: RETRY_MS_MAX,
    randomizationFactor: 0.5,
    auth: (give) => void options.token(refused()).then((token) => give({ token })),
  });
}

/** What is told to a person, whatever is watched. */
function listen(socket: LiveSocket, options: LiveOptions): void {
  socket.on("notice", (notice: Notice) => {
    socket.emit("notice-ack", { id: notice.id });
    options.notice?.(notice);
  });
  socket.on("alert", (alert: Alert) => options.alert?.(alert));
}

export function connectLive(options: LiveOptions): Live {
  const state = shallowRef<LinkState>("connecting");
  let tokenRefused = false;
  let closed = false;
  let later: ReturnType<typeof setTimeout> | undefined;
  const socket = options.socket ?? open(options, () => tokenRefused);
  const keeper = new RoomKeeper(socket);

  function reconnect(afterMs: number, jitterMs: number) {
    clearTimeout(later);
    if (closed) return;
    later = setTimeout(() => {
      if (socket.connected) socket.disconnect();
      socket.connect();
    }, afterMs + Math.random() * jitterMs);
  }

  socket.on("connect", () => {
    tokenRefused = false;
    state.value = "live";
    keeper.askAll();
  });
  socket.on("disconnect", (reason: string) => {
    state.value = "lost";
    if (reason === "io server disconnect") reconnect(RETRY_MS, RETRY_MS * 2);
  });
  socket.on("connect_error", (error: Error & { data?: unknown }) => {
    state.value = "lost";
    // refused by the server, not by the network: socket.io itself would not try again
    if (error.data === undefined && !error.message.startsWith("auth.")) return;
    tokenRefused = true;
    reconnect(RETRY_MS, RETRY_MS * 4);
  });
  socket.on("revoked", ({ code }: { code: string }) => {
    if (endsSession(code)) tokenRefused = true;
  });
  socket.on("drain", ({ reconnectMs, jitterMs }: { reconnectMs: number; jitterMs: number }) => {
    reconnect(reconnectMs, jitterMs);
  });
  listen(socket, options);

  return {
    state: readonly(state),
    watch: (room, ear) => keeper.watch(room, ear),
    renew: (token) => void (socket.connected && socket.emit("auth", { token })),
    wake() {
      if (socket.connected || closed) return;
      socket.disconnect(); // ends the pause between two tries
      socket.connect();
    },
    close() {
      closed = true;
      clearTimeout(later);
      keeper.clear();
      socket.disconnect();
    },
  };
}
