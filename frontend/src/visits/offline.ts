// The phone pages that open without a line: that of doors, those of supervision, and those of tasks that are this officer's and not at their end. The page asks
// for them again whenever it is opened with a line, so that what has ended is dropped; ../visit-worker.ts answers from
// what is kept here.
import { drop } from "../alerts/draft";
import { FILES, PAGES } from "./kept";

async function renew(pages: Cache, path: string): Promise<void> {
  const response = await fetch(path, { headers: { "X-Background": "1" } });
  const text = response.ok && !response.redirected ? await response.clone().text() : "";
  if (text.includes('data-offline-page="keep"')) return pages.put(path, response);
  await pages.delete(path);
  const task = /\/visit\/(\d+)\//.exec(path)?.[1];
  if (task && text.includes('data-offline-page="ended"')) await drop(task);
}

/** The addresses of the scripts, styles and pictures this page is made of. */
function files(): string[] {
  const icons = [...document.querySelectorAll("use")].map((use) => use.href.baseVal);
  const loaded = performance.getEntriesByType("resource").map((entry) => entry.name);
  const found = [...icons, ...loaded, document.body.dataset["liveWorker"] ?? ""].map((name) => new URL(name, location.href));
  return [...new Set(found.filter((url) => url.pathname.startsWith("/static/")).map((url) => url.pathname))];
}

/** This page, those it names and those kept before open without a line, if they are still this officer's to do. */
export async function keepOpenable(named: string[] = []): Promise<void> {
  if (!("serviceWorker" in navigator) || !navigator.onLine) return;
  await navigator.serviceWorker.register("/m/worker.js");
  const pages = await caches.open(PAGES);
  const paths = new Set([location.pathname, ...named, ...(await pages.keys()).map((request) => new URL(request.url).pathname)]);
  await (await caches.open(FILES)).addAll(files());
  for (const path of paths) await renew(pages, path);
  await navigator.serviceWorker.ready;
}
