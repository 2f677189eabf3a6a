// The panel of a person's whereabouts fills itself wherever it is put into a page, and asks again when its task moves:
// what it showed is gone as soon as the server no longer shows it. It is never a part of a page that a phone keeps.
import { onLive } from "./live";

/** What somebody is typing, by task: a page that shows its task anew does not take it away. */
const typed = new Map<string, string>();

class TaskWhereabouts extends HTMLElement {
  connectedCallback(): void {
    void this.fill();
    this.addEventListener("input", (event) => {
      typed.set(this.dataset["task"] ?? "", (event.target as HTMLInputElement).value);
    });
    this.addEventListener("submit", (event) => {
      event.preventDefault();
      if (event.target instanceof HTMLFormElement) void this.fill(new FormData(event.target));
    });
  }

  async fill(purpose?: FormData): Promise<void> {
    const late = setTimeout(() => this.setAttribute("aria-busy", "true"), 200);
    try {
      const answer = await fetch(this.dataset["url"] ?? "", {
        method: purpose ? "POST" : "GET",
        ...(purpose ? { body: purpose } : { headers: { "X-Background": "1" } }),
        cache: "no-store",
      });
      // What the viewer may no longer see says nothing but that.
      this.innerHTML = answer.ok || answer.status === 422 ? await answer.text() : "";
      if (purpose && answer.ok) typed.delete(this.dataset["task"] ?? "");
      const field = this.querySelector<HTMLInputElement>("input[name='purpose']");
      if (field) field.value = typed.get(this.dataset["task"] ?? "") ?? "";
    } catch {
      this.textContent = this.dataset["offline"] ?? "";
    } finally {
      clearTimeout(late);
      this.removeAttribute("aria-busy");
    }
  }
}

customElements.define("task-whereabouts", TaskWhereabouts);

onLive("alerts", (event) => {
  for (const panel of document.querySelectorAll<TaskWhereabouts>(`task-whereabouts[data-task="${String(event.payload["task"])}"]`)) {
    // Somebody who is just saying why is not interrupted.
    if (!panel.querySelector("form:focus-within")) void panel.fill();
  }
});
