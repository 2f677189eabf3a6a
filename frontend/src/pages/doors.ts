// The phone page of whoever goes from door to door: a form that is kept first and sent then, and a draft that survives.
import { complain } from "../alerts/words";
import { doorsOf, dropDoor, keepDoor, sendDoors, type Door } from "../outreach/doors";
import { offerLooks } from "../visits/looks";
import { keepOpenable } from "../visits/offline";

/** How long what waits rests when there is a line but no answer: the console may be starting anew. */
const AGAIN_MS = 15_000;
const DRAFT = "door-draft";
const NUMBERS = ["told", "installed", "real_name", "warning_on"];

const form = document.querySelector<HTMLFormElement>("#door");
offerLooks();
if (form) start(form);

function start(form: HTMLFormElement): void {
  const user = document.body.dataset["user"] ?? "";
  const net = document.querySelector<HTMLElement>("#net");
  const queue = document.querySelector<HTMLElement>("#queue");
  const refused = document.querySelector<HTMLElement>("#refused");
  const today = document.querySelector<HTMLElement>("#today [data-doors]");
  let known = Number(today?.textContent ?? 0);
  let again = 0;

  const draftName = `${DRAFT}-${user}`;
  const field = (name: string): HTMLInputElement | null => form.querySelector<HTMLInputElement>(`[name=${name}]:not([type=radio])`);
  const chosen = (): string => form.querySelector<HTMLInputElement>("[name=result]:checked")?.value ?? "";

  /** Nobody who was not met can have been told anything. */
  function offerNumbers(): void {
    const part = form.querySelector<HTMLFieldSetElement>("[data-met]");
    if (part) part.hidden = part.disabled = chosen() !== "met";
  }

  function keepDraft(): void {
    localStorage.setItem(draftName, JSON.stringify([...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken")));
    offerNumbers();
    void say();
  }

  function readDraft(): void {
    for (const [name, value] of JSON.parse(localStorage.getItem(draftName) ?? "[]") as [string, string][]) {
      if (name === "result") form.querySelector<HTMLInputElement>(`[name=result][value="${CSS.escape(value)}"]`)?.click();
      else if (name === "leaflet") (field(name) as HTMLInputElement).checked = true;
      else if (name === "grid") {
        const grid = form.querySelector<HTMLSelectElement>("[name=grid]");
        if (grid && [...grid.options].some((one) => one.value === value)) grid.value = value;
      } else if (field(name)) (field(name) as HTMLInputElement).value = value;
    }
    offerNumbers();
  }

  async function say(): Promise<void> {
    const all = await doorsOf(user);
    const waiting = all.filter((door) => !door.refused).length;
    if (net) {
      const state = !navigator.onLine ? "offline" : field("place")?.value || chosen() ? "kept" : "online";
      net.dataset["state"] = state;
      net.textContent = net.dataset[state] ?? "";
    }
    if (queue) {
      queue.hidden = waiting === 0;
      queue.textContent = `${waiting} ${queue.dataset["word"] ?? ""}`;
    }
    if (today) today.textContent = String(known + waiting);
    showRefused(all.filter((door) => door.refused));
  }

  function showRefused(doors: Door[]): void {
    if (!refused) return;
    refused.hidden = doors.length === 0;
    refused.querySelector("ul")?.replaceChildren(
      ...doors.map((door) => {
        const line = document.createElement("li");
        line.className = "refused";
        line.append(`${door.label} · ${door.refused ?? ""}`);
        for (const what of ["again", "drop"]) {
          const button = document.createElement("button");
          button.type = "button";
          button.className = "button";
          button.dataset[what] = door.key;
          button.textContent = refused.dataset[what] ?? "";
          line.append(" ", button);
        }
        return line;
      }),
    );
  }

  /** What waits goes out; without a line it waits on, and the page says so. */
  async function deliver(quiet = false): Promise<void> {
    const { today: counted, error } = await sendDoors(user);
    // The server's own count: a door whose answer was lost is in it already.
    if (counted !== undefined) known = counted;
    if (error && !quiet && (navigator.onLine || !(error instanceof TypeError))) complain(error);
    clearTimeout(again);
    if (error instanceof TypeError && navigator.onLine) again = setTimeout(() => void deliver(true), AGAIN_MS);
    await say();
  }

  async function record(): Promise<void> {
    if (!form.reportValidity()) return;
    const typed = new FormData(form);
    const numbers = Object.fromEntries(NUMBERS.map((name) => [name, Number(typed.get(name) || 0)]));
    const now = Date.now();
    await keepDoor({
      key: crypto.randomUUID(),
      user,
      at: now,
      label: String(typed.get("place") || typed.get("grid")),
      body: {
        grid: typed.get("grid"), place: typed.get("place") ?? "", result: typed.get("result"), ...numbers,
        leaflet: typed.get("leaflet") !== null, visited_at: new Date(now).toISOString(),
      },
    });
    const grid = String(typed.get("grid"));
    form.reset();
    const again = form.querySelector<HTMLSelectElement>("[name=grid]");
    if (again) again.value = grid;
    keepDraft();
    field("place")?.focus();
    scrollTo(0, 0);
    await deliver();
  }

  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("button");
    if (!button) return;
    const { again: key, drop } = button.dataset;
    if ("record" in button.dataset) void record().catch(complain);
    else if (drop) void dropDoor(drop).then(say);
    else if (key) {
      void doorsOf(user).then(async (doors) => {
        const door = doors.find((one) => one.key === key);
        if (!door) return;
        delete door.refused;
        await keepDoor(door);
        await deliver();
      });
    }
  });
  form.addEventListener("input", keepDraft);
  form.addEventListener("change", keepDraft);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void record().catch(complain);
  });
  readDraft();
  const online = (): void => {
    void say();
    if (navigator.onLine) void deliver().then(() => keepOpenable()).then(() => net?.setAttribute("data-opens", ""), () => undefined);
  };
  addEventListener("online", online);
  addEventListener("offline", () => void say());
  online();
}
