// The phone page of an officer for whom nothing waits: it asks again when something has changed.
import { json } from "../alerts/server";
import { onLive } from "../live";

async function look(): Promise<void> {
  try {
    const { task } = await json<{ task: number | null }>("/api/alerts/next");
    if (task !== null) location.reload();
  } catch {
    // the next event asks again
  }
}

if (document.querySelector("[data-next]")) {
  onLive("alerts", () => void look());
  onLive("offers", () => location.reload());
  document.body.addEventListener("live:reset", () => void look());
}
