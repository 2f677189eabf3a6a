// One task on a page: its action bar, unmasking, charts; what happens next is asked from the server.
import { drawClocks } from "../clocks";
import { drawCharts } from "./charts";
import { part, send } from "./server";
import { maskTask, unmaskTask, watchUnmasked } from "./unmasked";
import { ask, complain, toast, word } from "./words";

export interface Moved {
  id: number;
  state: string;
  level: string;
  version: number;
}

export class TaskPane {
  /** What this page moved last, to be taken back by key. */
  last: Moved | undefined;

  /** Counts the questions to the server: an answer that is not to the last one comes too late. */
  private asked = 0;

  /** `changed` is called after every act of this page that went through. */
  constructor(
    readonly box: HTMLElement,
    readonly changed: (moved: Moved) => void,
  ) {
    box.addEventListener("click", (event) => {
      const button = (event.target as Element).closest<HTMLElement>("button");
      if (button?.dataset["verb"]) void this.move(button.dataset["verb"]);
      else if (button && "unmask" in button.dataset) void this.unmask();
      else if (button && "mask" in button.dataset) void maskTask(this.id, box).then(() => this.again());
      else if (button?.dataset["merge"]) void this.merge(button);
    });
    drawCharts(box);
    watchUnmasked(box, () => this.again());
  }

  get article(): HTMLElement | null {
    return this.box.querySelector<HTMLElement>("[data-task]");
  }

  get id(): number {
    return Number(this.article?.dataset["task"] ?? 0);
  }

  /** The button of the verb, or of the first of several. */
  button(...verbs: string[]): HTMLElement | null {
    return verbs.map((verb) => this.box.querySelector<HTMLElement>(`[data-verb="${verb}"]`)).find((found) => found) ?? null;
  }

  /** Shows the task as it stands on the server. */
  async show(id: number, url: string, background = false): Promise<void> {
    const turn = ++this.asked;
    const late = setTimeout(() => {
      // Who was asked for something newer meanwhile is not what the pane waits for.
      if (turn === this.asked) this.box.setAttribute("aria-busy", "true");
    }, 200);
    try {
      const html = await part(url, background);
      if (turn !== this.asked) return;
      const scroll = this.box.querySelector(".task-body")?.scrollTop ?? 0;
      const same = this.id === id;
      this.box.innerHTML = html;
      if (same) this.box.querySelector(".task-body")?.scrollTo(0, scroll);
      drawClocks(this.box);
      drawCharts(this.box);
    } catch (error) {
      complain(error);
    } finally {
      clearTimeout(late);
      if (turn === this.asked) this.box.removeAttribute("aria-busy");
    }
  }

  async move(verb: string): Promise<void> {
    const button = this.button(verb);
    if (!button || !this.article) return;
    let note = "";
    if ("note" in button.dataset) {
      const typed = await ask("#note-dialog", button.textContent?.replace("…", "").trim());
      if (typed === null) return;
      note = typed;
    }
    const { id } = this;
    const version = Number(this.article.dataset["version"]);
    const label = button.textContent?.replace("…", "").trim() ?? verb;
    try {
      const moved = await send<Moved>(`tasks/${id}/move`, { verb, version, note });
      toast(`${label} ✓`, "good", () => void this.undo(moved));
      this.last = moved;
      this.changed(moved);
    } catch (error) {
      complain(error);
      this.changed({ id, state: "", level: "", version });
    }
  }

  /** Takes back the move, or the last one of this page. */
  async undo(done = this.last): Promise<void> {
    if (!done) return;
    this.last = undefined;
    try {
      const moved = await send<Moved>(`tasks/${done.id}/undo`, { version: done.version });
      toast(`${word("undone")} ✓`);
      this.changed(moved);
    } catch (error) {
      complain(error);
    }
  }

  /** The other task becomes a part of this one. */
  async merge(button: HTMLElement): Promise<void> {
    try {
      const version = Number(button.dataset["version"]);
      this.changed(await send<Moved>(`tasks/${button.dataset["merge"]}/merge`, { into: this.id, version }));
    } catch (error) {
      complain(error);
    }
  }

  async unmask(): Promise<void> {
    const { id } = this;
    if (await unmaskTask(id)) this.again();
  }

  /** The task is asked for again, as after an act. */
  again(): void {
    const version = Number(this.article?.dataset["version"]);
    if (this.id) this.changed({ id: this.id, state: "", level: "", version });
  }
}
