// The service worker of the phone page, for everything under /m/: with a line it changes nothing; without one it gives
// what ../visits/offline.ts has kept. It keeps nothing by itself.
import { PAGES } from "./visits/kept";

interface Lasting extends Event {
  waitUntil(work: Promise<unknown>): void;
}

interface Asked extends Lasting {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}

const worker = self as unknown as { skipWaiting(): Promise<void>; clients: { claim(): Promise<void> } };

async function page(request: Request): Promise<Response> {
  try {
    const response = await fetch(request);
    // The log-in page instead of a task: nobody is logged in any more, so nobody may open what was kept.
    if (response.type === "opaqueredirect") await caches.delete(PAGES);
    return response;
  } catch (error) {
    const kept = await caches.match(new URL(request.url).pathname);
    if (kept) return kept;
    throw error;
  }
}

async function file(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await caches.match(request, { ignoreSearch: true });
    if (kept) return kept;
    throw error;
  }
}

addEventListener("install", (event) => (event as Lasting).waitUntil(worker.skipWaiting()));
addEventListener("activate", (event) => (event as Lasting).waitUntil(worker.clients.claim()));
addEventListener("fetch", (event) => {
  const { request } = event as Asked;
  const { pathname, origin } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate" && /^\/m\/(visit\/\d+|doors|supervision(\/\d+)?)\/$/.test(pathname)) (event as Asked).respondWith(page(request));
  else if (pathname.startsWith("/static/")) (event as Asked).respondWith(file(request));
});
