// The shared worker that holds the one event stream of a browser and passes on what comes to every open page.
import type { FromWorker } from "./live";
import { openStream } from "./stream";

const ports = new Set<MessagePort>();
let state: FromWorker | null = null;
let started = false;

function tell(message: FromWorker): void {
  if (message.kind === "state") state = message;
  for (const port of ports) port.postMessage(message);
}

addEventListener("connect", (event) => {
  const port = (event as MessageEvent).ports[0];
  if (!port) return;
  port.addEventListener("message", (message: MessageEvent<{ address?: string; leave?: boolean }>) => {
    if (message.data.leave) {
      ports.delete(port);
      return;
    }
    ports.add(port);
    if (state) port.postMessage(state);
    if (!started && message.data.address) {
      started = true;
      openStream(message.data.address, tell);
    }
  });
  port.start();
});
