// The phone page of an officer for whom nothing waits, or to whom something is offered: it asks again when something
// has changed.
import { json } from "../alerts/server";
import { onLive } from "../live";

const AGAIN = 30_000; // a task that was given to a colleague who lets it lie comes back without an event

const box = document.querySelector<HTMLElement>("[data-next]");
const page = box?.dataset["next"] ?? "";

/** Looks only, and so shows a fresh order on every phone that waits: it is given to whoever presses. */
async function look(): Promise<void> {
  try {
    const { task } = await json<{ task: number | null }>("/api/alerts/next");
    if (task === null) return;
    if (page) location.assign(page.replace("/0/", `/${task}/`));
    else location.reload();
  } catch {
    // the next event asks again
  }
}

if (box) {
  onLive("alerts", () => void look());
  onLive("offers", () => location.reload());
  document.body.addEventListener("live:reset", () => void look());
  if (page) setInterval(() => void look(), AGAIN);
}
