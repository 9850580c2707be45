// A connection to MongoDB that never keeps anything waiting: made in the background, given up quickly,
// tried again until it stands. Nothing on a command's path comes here.
import { type Db, MongoClient } from "mongodb";

const SELECT_MS = 2_000; // a dead server is told from a slow one within it
const CONNECT_MS = 1_500;
const SOCKET_MS = 15_000;
const POOL = 8;
const AGAIN_MS = 1_000;

export interface MongoOptions {
  url: string;
  database?: string;
  name: string;
}

export interface Mongo {
  db: Db;
  /** Milliseconds of a round trip, or null where nobody answers. */
  ping(): Promise<number | null>;
  close(): Promise<void>;
}

export function connectMongo({ url, database = "chargeward", name }: MongoOptions): Mongo {
  const client = new MongoClient(url, {
    appName: name,
    serverSelectionTimeoutMS: SELECT_MS,
    connectTimeoutMS: CONNECT_MS,
    socketTimeoutMS: SOCKET_MS,
    maxPoolSize: POOL,
    retryWrites: false, // our writes are harmless twice; a server without a replica set refuses them
    ignoreUndefined: true,
  });
  const db = client.db(database);
  const stopped = untilConnected(client);
  return {
    db,
    async ping() {
      const begun = performance.now();
      try {
        await db.command({ ping: 1 });
        return performance.now() - begun;
      } catch {
        return null;
      }
    },
    close() {
      stopped();
      return client.close();
    },
  };
}

/**
 * Connects, again and again until it stands: once the first try of a client has failed, everything asked
 * of it fails for ever ("Topology is closed") unless somebody calls `connect`. Later losses it heals itself.
 */
function untilConnected(client: MongoClient): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;
  const attempt = () =>
    void client.connect().catch(() => {
      if (!isOver) timer = setTimeout(attempt, AGAIN_MS);
    });
  attempt();
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}
