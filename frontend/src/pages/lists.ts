// Lists by key: a table of rows with marks, and buttons that act on what is marked, or else on the row that is chosen.
for (const form of document.querySelectorAll<HTMLFormElement>("form[data-listing]")) start(form);

export {};

function start(form: HTMLFormElement): void {
  const rows = [...form.querySelectorAll<HTMLElement>("tr[data-row]")];
  const all = form.querySelector<HTMLInputElement>("[data-all]");
  const count = form.querySelector("[data-marked]");
  const reason = form.querySelector<HTMLInputElement>("input[name=reason], input[name=note]");
  let chosen = -1;

  const mark = (row: HTMLElement | undefined) => row?.querySelector<HTMLInputElement>("input[type=checkbox]");
  const marked = () => rows.filter((row) => mark(row)?.checked);

  function paint(): void {
    if (count) count.textContent = String(marked().length);
    for (const [at, row] of rows.entries()) {
      row.classList.toggle("chosen", at === chosen);
      row.classList.toggle("marked", mark(row)?.checked ?? false);
    }
    if (all) {
      all.checked = rows.length > 0 && marked().length === rows.length;
      all.indeterminate = !all.checked && marked().length > 0;
    }
  }

  function choose(at: number): void {
    chosen = Math.min(rows.length - 1, Math.max(0, at));
    paint();
    mark(rows[chosen])?.focus({ preventScroll: true });
    rows[chosen]?.scrollIntoView({ block: "nearest" });
  }

  form.addEventListener("change", paint);
  all?.addEventListener("change", () => {
    for (const row of rows) {
      const box = mark(row);
      if (box) box.checked = all.checked;
    }
    paint();
  });
  for (const [at, row] of rows.entries()) {
    row.addEventListener("click", () => {
      chosen = at;
      paint();
    });
  }

  // What a button does is done to what is marked; with nothing marked, to the row that is chosen.
  form.addEventListener("submit", (event) => {
    const pressed = event.submitter as HTMLButtonElement | null;
    if (marked().length === 0) {
      const box = mark(rows[chosen]);
      if (!box) {
        event.preventDefault();
        rows[0]?.scrollIntoView({ block: "nearest" });
        choose(0);
        return;
      }
      box.checked = true;
      paint();
    }
    if (pressed?.dataset["wantsReason"] !== undefined && reason && !reason.value.trim()) {
      event.preventDefault();
      reason.required = true;
      reason.reportValidity();
      reason.required = false;
      reason.focus();
    }
  });

  const press = (key: string) => form.querySelector<HTMLButtonElement>(`button[data-key="${key}"]`)?.click();
  const keys: Record<string, () => void> = {
    j: () => choose(chosen + 1),
    k: () => choose(chosen - 1),
    x: () => {
      if (chosen < 0) choose(0);
      mark(rows[chosen])?.click();
    },
    o: () => rows[chosen]?.querySelector<HTMLAnchorElement>("a.entity")?.click(),
    a: () => press("a"),
    r: () => press("r"),
  };
  document.addEventListener("keydown", (event) => {
    const at = event.target;
    const box = at instanceof HTMLInputElement && at.type === "checkbox";
    const field = at instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName) && !box;
    if (field || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  paint();
}
