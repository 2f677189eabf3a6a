// Live events. One stream a browser, held by a SharedWorker; pages hear DOM events on <body>:
//   live:TOPIC   detail = { id, topic, region, payload }; so `hx-trigger="live:task from:body"` works
//   live:reset   the stream has lost too much: load what is shown again
// An event whose payload names the user in `to` is said in a toast as well, with a link to its `page`.

export interface LiveEvent {
  id: number;
  topic: string;
  region: string;
  payload: Record<string, unknown>;
}

/** What a page tells the worker: where the stream is, and which event was the newest when the page was made (NaN: it
 * does not know, and hears what comes from now on). */
export interface Begin {
  address: string;
  since: number;
}

/** `stands`: the stream is open, and everything up to that event has been told or will not be. */
export type FromWorker =
  | { kind: "event"; event: LiveEvent }
  | { kind: "state"; on: boolean }
  | { kind: "stands"; at: number }
  | { kind: "reset" };

function show(on: boolean): void {
  const light = document.querySelector<HTMLElement>("#live");
  if (!light) return;
  light.dataset["state"] = on ? "on" : "off";
  light.textContent = (on ? light.dataset["on"] : light.dataset["off"]) ?? "";
}

function receive(message: FromWorker): void {
  if (message.kind === "state") show(message.on);
  else if (message.kind === "reset") document.body.dispatchEvent(new CustomEvent("live:reset"));
  else if (message.kind === "event") {
    document.body.dispatchEvent(new CustomEvent(`live:${message.event.topic}`, { detail: message.event }));
    tell(message.event.payload);
  }
}

/** What somebody is told in person is said wherever they are. */
function tell(payload: Record<string, unknown>): void {
  const { to, page } = payload;
  const toasts = document.querySelector<HTMLElement>("#toasts");
  if (!toasts || typeof page !== "string" || !Array.isArray(to) || !to.includes(Number(document.body.dataset["user"]))) return;
  const note = document.createElement("p");
  note.className = "toast";
  const link = document.createElement("a");
  link.href = page;
  link.textContent = toasts.dataset["told"] ?? "";
  note.append(link);
  toasts.append(note);
}

/** Calls `act` for every event of the topic while the page is open. */
export function onLive(topic: string, act: (event: LiveEvent) => void): void {
  document.body.addEventListener(`live:${topic}`, (event) => act((event as CustomEvent<LiveEvent>).detail));
}

/** Opens the stream, if the page names one. */
export function listen(): void {
  const { events, liveWorker, since: newest, user } = document.body.dataset;
  if (!events || !liveWorker) return;
  const address = new URL(events, location.href).href;
  let since = newest ? Number(newest) : NaN;
  if ("SharedWorker" in window) {
    // The name holds the user: whoever logs in next must not hear what was meant for the one before.
    const worker = new SharedWorker(liveWorker, { name: `live-${user ?? ""}` });
    const join = (): void => worker.port.postMessage({ address, since } satisfies Begin);
    worker.port.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => {
      if (data.kind === "event") since = data.event.id;
      receive(data);
    });
    worker.port.start();
    join();
    addEventListener("pagehide", () => worker.port.postMessage({ leave: true }));
    addEventListener("pageshow", (event) => event.persisted && join());
  } else {
    void import("./stream").then(({ openStream }) => openStream(address, newest ?? "", receive));
  }
}
