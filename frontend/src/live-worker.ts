// The shared worker that holds the one event stream of a browser and passes on what comes to every open page. A page
// that joins is told what came since it was made: it knows the newest event of that time.
import type { Begin, FromWorker, LiveEvent } from "./live";
import { openStream } from "./stream";

const HELD = 500;
const ports = new Set<MessagePort>();
const held: LiveEvent[] = [];
let state: FromWorker | null = null;
/** The event behind which everything heard is held; none before the stream is opened, and infinite from a reset until
 * the stream says where it stands. */
let begin: number | null = null;

function hold(event: LiveEvent): void {
  held.push(event);
  if (held.length > HELD) begin = held.shift()?.id ?? begin;
}

function tell(message: FromWorker): void {
  if (message.kind === "state") state = message;
  else if (message.kind === "event") hold(message.event);
  else if (message.kind === "stands") {
    if (!Number.isFinite(begin)) begin = message.at;
  } else {
    held.length = 0;
    begin = Infinity;
  }
  for (const port of ports) port.postMessage(message);
}

function join(port: MessagePort, { address, since }: Begin): void {
  ports.add(port);
  if (state) port.postMessage(state);
  if (begin === null) {
    begin = since;
    openStream(address, String(since), tell);
  } else if (since < begin) port.postMessage({ kind: "reset" });
  else for (const event of held) if (event.id > since) port.postMessage({ kind: "event", event });
}

addEventListener("connect", (event) => {
  const port = (event as MessageEvent).ports[0];
  if (!port) return;
  port.addEventListener("message", (message: MessageEvent<Begin | { leave: true }>) => {
    if ("leave" in message.data) ports.delete(port);
    else join(port, message.data);
  });
  port.start();
});
