// What every page needs: htmx, the running clock, live events, the search key, theme and density.
import "htmx.org";
import { startClocks } from "./clocks";
import { listen } from "./live";
import "./whereabouts";

/** A cookie the server reads, so that the next page comes in the right colours at once. */
function remember(name: string, value: string): void {
  document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=lax`;
}

function wireCycles(): void {
  const root = document.documentElement;
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-cycle]")) {
    const name = button.dataset["cycle"] ?? "";
    const values = (button.dataset["values"] ?? "").split(" ");
    const words = (button.dataset["words"] ?? "").split("|");
    const say = (): void => {
      const word = words[values.indexOf(root.dataset[name] ?? "")] ?? "";
      button.title = word;
      const label = button.querySelector("span");
      if (label) label.textContent = word;
    };
    button.addEventListener("click", () => {
      const next = values[(values.indexOf(root.dataset[name] ?? "") + 1) % values.length] ?? "";
      root.dataset[name] = next;
      remember(name, next);
      say();
    });
    say();
  }
}

/** Whether the key was meant for a field and not for the page. */
function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

function wireKeys(): void {
  const help = document.querySelector<HTMLDialogElement>("#help");
  document.querySelector("[data-opens=help]")?.addEventListener("click", () => help?.showModal());
  document.addEventListener("keydown", (event) => {
    const search = document.querySelector<HTMLInputElement>("#search");
    if ((event.key === "/" && !typing(event.target)) || (event.key === "k" && event.ctrlKey)) {
      event.preventDefault();
      search?.focus();
      search?.select();
    } else if (event.key === "?" && !typing(event.target)) {
      help?.showModal();
    } else if (event.key === "Escape") {
      document.querySelector("#search-hits")?.replaceChildren();
      for (const menu of document.querySelectorAll("details.menu[open]")) menu.removeAttribute("open");
    }
  });
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (event.target instanceof Node && !menu.contains(event.target)) menu.removeAttribute("open");
    }
  });
}

for (const all of document.querySelectorAll<HTMLInputElement>("input[data-ticks]")) {
  const boxes = all.form?.querySelectorAll<HTMLInputElement>(`input[type=checkbox][name="${all.dataset["ticks"] ?? ""}"]`) ?? [];
  all.addEventListener("change", () => boxes.forEach((box) => (box.checked = all.checked)));
}
// On a phone the tabs of a module are one line that is pushed aside: the page one is on stands in its middle.
for (const here of document.querySelectorAll<HTMLElement>("nav.chips [aria-current]")) {
  const line = here.closest("nav");
  if (line) line.scrollLeft += here.getBoundingClientRect().left - line.getBoundingClientRect().left - (line.clientWidth - here.offsetWidth) / 2;
}
for (const form of document.querySelectorAll<HTMLFormElement>("form[data-autosubmit]")) {
  form.addEventListener("change", () => form.requestSubmit());
}
wireCycles();
wireKeys();
startClocks();
// Not before the scripts of the page and htmx hear: what the page has missed is told at once.
addEventListener("DOMContentLoaded", () => {
  delete document.documentElement.dataset["deaf"];
  listen();
});
