// A connection to MongoDB that never keeps anything waiting: made at first use, given up quickly,
// tried again by whoever needs it. Nothing on a command's path comes here.
import { type Db, MongoClient } from "mongodb";

const SELECT_MS = 2_000; // a dead server is told from a slow one within it
const CONNECT_MS = 1_500;
const SOCKET_MS = 15_000;
const POOL = 8;

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
    close: () => client.close(),
  };
}
