// A task on a page of its own.
import { TaskPane } from "../alerts/task";
import { onLive } from "../live";

const box = document.querySelector<HTMLElement>("#panes");
if (box) {
  const url = box.dataset["pane"] ?? "";
  const again = (background: boolean) => void pane.show(pane.id, url, background);
  const pane: TaskPane = new TaskPane(box, () => again(false));
  onLive("alerts", (event) => {
    if (event.payload["task"] === pane.id && !document.querySelector("dialog[open]")) again(true);
  });
  document.addEventListener("keydown", (event) => {
    const field = event.target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
    if (event.key === "z" && !field && !event.ctrlKey && !event.metaKey && !event.altKey) void pane.undo();
  });
  document.body.addEventListener("live:reset", () => again(true));
}
