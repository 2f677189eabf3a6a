// One event stream that comes back by itself, used by the worker and by browsers without shared workers.
import type { FromWorker, LiveEvent } from "./live";

const RETRY_MS = 10_000;

/** Every event behind `since`, change of state and reset goes to `tell`; after a break the last one seen is asked for. */
export function openStream(address: string, since: string, tell: (message: FromWorker) => void): void {
  let last = since;
  const open = (): void => {
    const url = new URL(address);
    if (last) url.searchParams.set("since", last);
    const source = new EventSource(url, { withCredentials: true });
    source.addEventListener("open", () => tell({ kind: "state", on: true }));
    source.addEventListener("hello", (event: MessageEvent<string>) => {
      last = event.lastEventId;
      tell({ kind: "stands", at: Number(last) });
    });
    source.addEventListener("reset", () => tell({ kind: "reset" }));
    source.addEventListener("message", (event: MessageEvent<string>) => {
      last = event.lastEventId;
      tell({ kind: "event", event: JSON.parse(event.data) as LiveEvent });
    });
    source.addEventListener("error", () => {
      tell({ kind: "state", on: false });
      // After a refusal (logged out, server restarting behind a proxy) the browser gives up; we do not.
      if (source.readyState === EventSource.CLOSED) setTimeout(open, RETRY_MS);
    });
  };
  open();
}
