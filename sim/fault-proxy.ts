// A stretch of network that can fail: TCP from here to a target, delayed, stalled or reset on demand.
// What it holds back is let go in order when it heals, as a network would.
import { connect, createServer, type Socket } from "node:net";
import { SimFault } from "./fault.ts";
import type { Random } from "./random.ts";

export type ProxyFault =
  | { kind: "none" }
  /** Every piece of data takes this much longer, each way. */
  | { kind: "delay"; ms: number; jitterMs: number }
  /** Nothing gets through: both ways, or only from or to the client. Nobody is told. */
  | { kind: "stall"; way: "both" | "from-client" | "to-client" }
  /** Connections are reset, and so is every new one. */
  | { kind: "reset" };

export interface FaultProxy extends AsyncDisposable {
  readonly port: number;
  /** Connections that stand now. */
  readonly connections: number;
  /** Bytes that a fault held back, and connections that one reset. */
  readonly hits: { heldBytes: number; resets: number };
  set(fault: ProxyFault): void;
}

export interface ProxyPlan {
  readonly host: string;
  readonly port: number;
  readonly random: Random;
}

type Way = "from-client" | "to-client";

interface Stretch {
  fault: ProxyFault;
  readonly random: Random;
  readonly hits: FaultProxy["hits"];
  /** Pieces held back by a stall; each is sent by calling it. */
  readonly held: Set<() => void>;
}

export async function startFaultProxy({ host, port, random }: ProxyPlan): Promise<FaultProxy> {
  const open = new Set<Socket>();
  const stretch: Stretch = {
    fault: { kind: "none" },
    random,
    hits: { heldBytes: 0, resets: 0 },
    held: new Set(),
  };
  const server = createServer((client) => {
    if (stretch.fault.kind === "reset") {
      stretch.hits.resets++;
      reset(client);
      return;
    }
    const target = connect(port, host);
    for (const [socket, other] of [[client, target], [target, client]] as const) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        open.delete(socket);
        other.destroy();
      });
    }
    carry(stretch, "from-client", client, target);
    carry(stretch, "to-client", target, client);
  });
  await new Promise<void>((done) => void server.listen(0, "127.0.0.1", done));
  const address = server.address();
  if (address === null || typeof address === "string") {
    throw new SimFault("fault proxy has no port", "later");
  }
  return {
    port: address.port,
    get connections() {
      return open.size / 2;
    },
    hits: stretch.hits,
    set(fault) {
      stretch.fault = fault;
      if (fault.kind === "reset") {
        stretch.hits.resets += open.size / 2;
        for (const socket of open) reset(socket);
      }
      for (const send of stretch.held) send();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise<void>((done) => void server.close(() => done()));
    },
  };
}

function reset(socket: Socket): void {
  socket.on("error", () => {});
  socket.resetAndDestroy();
}

function isStalled({ fault }: Stretch, way: Way): boolean {
  return fault.kind === "stall" && (fault.way === "both" || fault.way === way);
}

/** Piece by piece, in order: the next is read when the one before is on its way. */
function carry(stretch: Stretch, way: Way, from: Socket, to: Socket): void {
  let dueAt = 0; // a later piece never overtakes an earlier one
  from.on("data", (piece: Uint8Array) => {
    const { fault, hits, random } = stretch;
    if (fault.kind === "none" && dueAt <= performance.now()) return void to.write(piece);
    hits.heldBytes += piece.length;
    if (isStalled(stretch, way)) {
      from.pause();
      const send = () => {
        if (isStalled(stretch, way)) return;
        stretch.held.delete(send);
        to.write(piece);
        from.resume();
      };
      stretch.held.add(send);
      from.on("close", () => stretch.held.delete(send));
      return;
    }
    const laterMs = fault.kind === "delay" ? fault.ms + random.between(0, fault.jitterMs) : 0;
    dueAt = Math.max(dueAt, performance.now() + laterMs);
    setTimeout(() => to.write(piece), Math.max(0, dueAt - performance.now()));
  });
  from.on("end", () => to.end());
}
