// The service worker: shows pushes, and opens the client without a network. It keeps the page itself and
// the files that it loaded; answers of the platform are never kept here (data/last-order.ts keeps one).

/** What is used of the worker's global scope; the DOM's own types know only pages. */
interface Worker {
  addEventListener<T extends keyof Events>(name: T, take: (event: Events[T]) => void): void;
  skipWaiting(): Promise<void>;
  registration: { showNotification(title: string, options: object): Promise<void> };
  clients: {
    claim(): Promise<void>;
    matchAll(query: object): Promise<Page[]>;
    openWindow(url: string): Promise<unknown>;
  };
}
interface Page {
  url: string;
  focus(): Promise<unknown>;
  navigate(url: string): Promise<unknown>;
}
interface Lasting {
  waitUntil(work: Promise<unknown>): void;
}
interface Events {
  install: Lasting;
  activate: Lasting;
  fetch: { request: Request; respondWith(answer: Promise<Response>): void };
  push: Lasting & { data: { json(): unknown } | null };
  notificationclick: Lasting & {
    notification: { data: unknown; close(): void };
  };
}
const worker = globalThis as unknown as Worker;
const SHELL = "shell-1";
const PAGE = "/";
/** Files that a client of one release loads, twice over: two releases side by side. */
const FILES_MAX = 200;

worker.addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll([PAGE, "/icon.svg"])));
  void worker.skipWaiting();
});

worker.addEventListener("activate", (event) => {
  const others = caches.keys().then((names) =>
    Promise.all(names.filter((name) => name !== SHELL).map((name) => caches.delete(name)))
  );
  event.waitUntil(Promise.all([others, worker.clients.claim()]));
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const { pathname, origin } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate") {
    if (!pathname.startsWith("/ops")) event.respondWith(page(request));
  } else if (/^\/assets\/|^\/icon\.svg$/.test(pathname)) event.respondWith(file(request));
});

/** The newest page where there is a network, else the one that is kept. */
async function page(request: Request): Promise<Response> {
  const cache = await caches.open(SHELL);
  try {
    const fresh = await fetch(request);
    if (fresh.ok) await cache.put(PAGE, fresh.clone());
    return fresh;
  } catch (error) {
    const kept = await cache.match(PAGE);
    if (kept === undefined) throw error;
    return kept;
  }
}

/** Names of files hold a hash of their content: what is kept is right for ever. */
async function file(request: Request): Promise<Response> {
  const cache = await caches.open(SHELL);
  const kept = await cache.match(request);
  if (kept !== undefined) return kept;
  const fresh = await fetch(request);
  if (fresh.ok) {
    await cache.put(request, fresh.clone());
    const names = await cache.keys();
    const oldest = names.slice(2, Math.max(2, names.length - FILES_MAX)); // page and icon stay
    await Promise.all(oldest.map((name) => cache.delete(name)));
  }
  return fresh;
}

interface Told {
  id: string;
  title: string;
  body: string;
  path: string;
}
/** The same notice twice takes its own place: it is shown once. */
worker.addEventListener("push", (event) => {
  if (event.data === null) return;
  const { id, title, body, path } = event.data.json() as Told;
  const shown = { body, tag: id, icon: "/icon.svg", badge: "/icon.svg", data: path };
  event.waitUntil(worker.registration.showNotification(title, shown));
});

worker.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const path = String(event.notification.data);
  event.waitUntil(open(path.startsWith("/") ? path : PAGE));
});

async function open(path: string): Promise<unknown> {
  const pages = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  const ours = pages.find(({ url }) => !new URL(url).pathname.startsWith("/ops"));
  if (ours === undefined) return await worker.clients.openWindow(path);
  await ours.focus();
  return await ours.navigate(path);
}
