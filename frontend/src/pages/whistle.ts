// Raising an alert by keys alone: number, Enter, a digit for the type, Enter. P marks that money is moving.
const form = document.querySelector<HTMLFormElement>("#whistle");
if (form) start(form);

function start(form: HTMLFormElement): void {
  const who = form.querySelector<HTMLInputElement>("#who");
  const line = form.querySelector<HTMLInputElement>("#line");
  const paying = form.querySelector<HTMLInputElement>("#paying");
  const types = [...form.querySelectorAll<HTMLInputElement>("input[name=type]")];
  let sent = false;

  const picked = (): boolean => types.some((type) => type.checked);

  /** What is missing gets the focus; a whole form is sent, once. */
  function on(): void {
    if (sent) return;
    if (!who?.value.trim()) who?.focus();
    else if (!picked()) types[0]?.focus();
    else form.requestSubmit();
  }

  function writing(target: EventTarget | null): boolean {
    return target instanceof HTMLSelectElement || (target instanceof HTMLInputElement && !["radio", "checkbox"].includes(target.type));
  }

  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
  // Whoever types faster than the page loads is searched for once it has.
  const early = (): void => {
    if (who?.value.trim() && !form.querySelector("#people input")) who.dispatchEvent(new Event("typed-early"));
  };
  // htmx looks at the page in a task of its own, which was queued before this one.
  if (document.readyState === "complete") setTimeout(early);
  else addEventListener("load", () => setTimeout(early));
  // A page that the browser brings back from its memory may be sent again: its key makes that harmless.
  addEventListener("pageshow", () => (sent = false));

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector("dialog[open]")) return;
    const inside = event.target instanceof Node && form.contains(event.target);
    if (!inside && event.target !== document.body && !(event.target instanceof HTMLElement && event.target.id === "main")) return;
    if (event.key === "Enter") {
      if (event.target instanceof HTMLButtonElement) return;
      event.preventDefault();
      on();
      return;
    }
    if (event.key === "ArrowDown" && event.target === who) {
      const match = form.querySelector<HTMLInputElement>("#people input");
      if (match) {
        event.preventDefault();
        match.checked = true;
        match.focus();
      }
      return;
    }
    if (writing(event.target)) return;
    const key = event.key.toLowerCase();
    const type = types.find((one) => one.dataset["key"] === key);
    if (type) {
      event.preventDefault();
      type.checked = true;
      type.focus();
    } else if (key === "p" && paying) {
      event.preventDefault();
      paying.checked = !paying.checked;
    } else if (key === "l" || key === "n") {
      event.preventDefault();
      (key === "l" ? line : who)?.focus();
    }
  });
}
