// The alert desk: a queue that fills by itself, one task, and everything by key.
import { part, send } from "../alerts/server";
import { TaskPane, type Moved } from "../alerts/task";
import { complain, toast, word } from "../alerts/words";
import { drawClocks } from "../clocks";
import { onLive } from "../live";

const desk = document.querySelector<HTMLElement>("#desk");
const list = document.querySelector<HTMLElement>("#rows");
const panes = document.querySelector<HTMLElement>("#panes");
if (desk && list && panes) start(desk, list, panes);

function start(desk: HTMLElement, list: HTMLElement, panes: HTMLElement): void {
  const arrived = document.querySelector<HTMLElement>("#arrived");
  const bulk = document.querySelector<HTMLElement>("#bulk");
  const marked = new Set<string>();
  let selected = desk.dataset["selected"] ?? "";
  let above = 0;
  let turn = 0;
  let asked: ReturnType<typeof setTimeout> | undefined;

  const rows = () => [...list.querySelectorAll<HTMLElement>(".row")];
  const row = (id: string) => list.querySelector<HTMLElement>(`#row-${CSS.escape(id)}`);
  const paneUrl = (id: string) => (desk.dataset["pane"] ?? "").replace("/0/", `/${id}/`);
  const pane = new TaskPane(panes, (moved: Moved) => {
    void refresh();
    if (String(moved.id) === selected) void pane.show(moved.id, paneUrl(selected));
  });

  function paint(): void {
    for (const one of rows()) {
      one.setAttribute("aria-selected", String(one.dataset["id"] === selected));
      one.classList.toggle("marked", marked.has(one.dataset["id"] ?? ""));
    }
    list.setAttribute("role", rows().length ? "listbox" : "region");
    if (selected && row(selected)) list.setAttribute("aria-activedescendant", `row-${selected}`);
    else list.removeAttribute("aria-activedescendant");
    const count = bulk?.querySelector("#bulk-count");
    if (count) count.textContent = String(marked.size);
    if (bulk) bulk.hidden = marked.size === 0;
  }

  function choose(id: string | undefined): void {
    if (!id || id === selected) return;
    selected = id;
    const address = new URL(location.href);
    address.searchParams.set("task", id);
    history.replaceState(null, "", address);
    paint();
    row(id)?.scrollIntoView({ block: "nearest" });
    void pane.show(Number(id), paneUrl(id));
  }

  function step(by: number): void {
    const all = rows();
    const here = all.findIndex((one) => one.dataset["id"] === selected);
    choose(all[Math.min(all.length - 1, Math.max(0, here + by))]?.dataset["id"]);
  }

  /** The queue as the server has it; the selected row stays where the eye has it. */
  async function refresh(background = false): Promise<void> {
    const mine = ++turn;
    let html: string;
    try {
      html = await part(`${desk.dataset["rows"]}${location.search}`, background);
    } catch {
      return; // the light in the bar says that the line is down; the next event asks again
    }
    if (mine !== turn) return; // asked again since: that answer is the newer one
    const known = new Set(rows().map((one) => one.dataset["id"]));
    const before = row(selected)?.getBoundingClientRect().top;
    list.innerHTML = html;
    const there = new Set(rows().map((one) => one.dataset["id"]));
    for (const id of [...marked]) if (!there.has(id)) marked.delete(id);
    paint();
    drawClocks(list);
    const after = row(selected);
    if (before !== undefined && after) hold(after.getBoundingClientRect().top - before);
    for (const one of rows()) {
      if (known.has(one.dataset["id"]) || !background) continue;
      one.classList.add("fresh");
      const over = after ? one.compareDocumentPosition(after) & Node.DOCUMENT_POSITION_FOLLOWING : one.offsetTop - list.offsetTop < list.scrollTop;
      if (over) above += 1;
    }
    const count = document.querySelector("#queue-count");
    if (count && !document.querySelector(".queue .pages")) count.textContent = String(rows().length);
    tell();
    void countLevels(background);
  }

  // The levels' counts cost more than the list: while much happens they are asked for every two seconds at most.
  const levels = document.querySelector<HTMLElement>("#levels");
  let counting = false;
  let stale = false;
  async function countLevels(background: boolean): Promise<void> {
    if (!levels) return;
    stale = counting;
    if (counting) return;
    counting = true;
    try {
      levels.innerHTML = await part(`${levels.dataset["url"]}${location.search}`, background);
    } catch {
      // as above
    }
    setTimeout(() => {
      counting = false;
      if (stale) void countLevels(true);
    }, 2000);
  }

  /** The list is scrolled so far that the selected row stays; a list too short for that gets room below. */
  function hold(by: number): void {
    const wanted = list.scrollTop + by;
    const last = rows().at(-1);
    const length = last ? last.getBoundingClientRect().bottom - list.getBoundingClientRect().top + list.scrollTop : 0;
    const room = length - list.clientHeight; // below nought where the rows do not fill the list
    list.style.paddingBlockEnd = "";
    if (wanted > room) list.style.paddingBlockEnd = `${wanted - room}px`;
    list.scrollTop = wanted;
  }

  function tell(): void {
    if (!arrived) return;
    arrived.hidden = above === 0;
    const count = arrived.querySelector("b");
    if (count) count.textContent = String(above);
  }

  async function dispatchMarked(): Promise<void> {
    const wanted = rows().filter((one) => marked.has(one.dataset["id"] ?? ""));
    try {
      const done = await send<{ task_id: number; ok: boolean; message: string; label: string }[]>("dispatch", {
        rows: wanted.map((one) => ({ task: Number(one.dataset["id"]), version: Number(one.dataset["version"]) })),
      });
      for (const label of new Set(done.filter((one) => one.ok).map((one) => one.label))) {
        toast(`${label} ✓ ${done.filter((one) => one.label === label).length}/${done.length}`);
      }
      for (const one of done.filter((each) => !each.ok)) toast(`#${one.task_id}: ${one.message}`, "bad");
      marked.clear();
      await refresh();
      if (selected) void pane.show(Number(selected), paneUrl(selected));
    } catch (error) {
      complain(error);
    }
  }

  /** The task that saves most by the minute, in the list or not; for a minute no colleague is given it. */
  async function next(): Promise<void> {
    try {
      const { task } = await send<{ task: number | null }>("next", {});
      if (task === null) toast(word("nothing"));
      else choose(String(task));
    } catch (error) {
      complain(error);
    }
  }

  function mark(id: string): void {
    if (!id || !bulk) return; // marks are for a dispatch, which is not everybody's
    if (!marked.delete(id)) marked.add(id);
    paint();
  }

  list.addEventListener("click", (event) => {
    const one = (event.target as Element).closest<HTMLElement>(".row");
    if (!one) return;
    if (event.ctrlKey || event.metaKey) mark(one.dataset["id"] ?? "");
    else choose(one.dataset["id"]);
  });
  list.addEventListener("scroll", () => {
    if (list.scrollTop > 4 || !above) return;
    above = 0;
    list.style.paddingBlockEnd = "";
    tell();
  });
  arrived?.addEventListener("click", () => list.scrollTo({ top: 0, behavior: "smooth" }));
  document.querySelector("[data-next]")?.addEventListener("click", (event) => {
    event.preventDefault();
    void next();
  });
  bulk?.querySelector("[data-bulk]")?.addEventListener("click", () => void dispatchMarked());

  const press = (...verbs: string[]) => pane.button(...verbs)?.click();
  const keys: Record<string, () => void> = {
    j: () => step(1),
    k: () => step(-1),
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    x: () => mark(selected),
    a: () => press("accept", "sign", "review"),
    d: () => (marked.size ? void dispatchMarked() : press("dispatch_straight", "dispatch_county", "dispatch_station")),
    e: () => press("escalate"),
    c: () => press("close", "dismiss"),
    n: () => void next(),
    z: () => void pane.undo(),
  };
  document.addEventListener("keydown", (event) => {
    const field = event.target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
    if (field || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.key.startsWith("Arrow") && document.activeElement !== list) return;
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  onLive("alerts", (event) => {
    // A burst of a hundred alerts is one question, a tenth of a second later.
    clearTimeout(asked);
    asked = setTimeout(() => void refresh(true), 100);
    const mine = String(event.payload["task"]) === selected;
    if (mine && !document.querySelector("dialog[open]")) void pane.show(Number(selected), paneUrl(selected), true);
  });
  const strip = document.querySelector<HTMLElement>("#strip");
  let busy = false;
  async function again(): Promise<void> {
    if (!strip || busy) return;
    busy = true;
    try {
      strip.innerHTML = await part(strip.dataset["url"] ?? "", true);
    } catch {
      // as above
    } finally {
      setTimeout(() => (busy = false), 1000);
    }
  }
  // The measures take longer to count than a desk takes to open: they come after it, and once a minute.
  const week = document.querySelector<HTMLElement>("#week");
  async function measure(): Promise<void> {
    if (!week || document.hidden) return;
    try {
      week.innerHTML = await part(week.dataset["url"] ?? "", true);
    } catch {
      // What stood there stays.
    }
  }
  void measure();
  setInterval(() => void measure(), 60_000);
  onLive("feed", () => void again());
  onLive("alerts", () => void again());
  document.body.addEventListener("live:reset", () => void refresh(true));
  paint();
}
