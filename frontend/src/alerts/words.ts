// What the page says: toasts with undo, dialogs that ask for a reason. The words come from the page, translated there.

const words = (): DOMStringMap => document.querySelector<HTMLElement>("#words")?.dataset ?? {};

export function word(name: string): string {
  return words()[name] ?? name;
}

/** A toast for 5 s, with an undo button if there is something to undo. */
export function toast(text: string, tone: "good" | "bad" = "good", undo?: () => void): void {
  const note = document.createElement("p");
  note.className = "toast";
  note.dataset["tone"] = tone;
  note.append(text);
  if (undo) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = word("undo");
    button.addEventListener("click", () => {
      note.remove();
      undo();
    });
    note.append(" ", button);
  }
  document.querySelector("#toasts")?.append(note);
  setTimeout(() => note.remove(), tone === "bad" ? 9000 : 5000);
}

/** Says why something did not happen. */
export function complain(error: unknown): void {
  toast(error instanceof TypeError ? word("offline") : `${word("refused")}: ${error instanceof Error ? error.message : ""}`, "bad");
}

/** Whether the question was answered with yes. */
export function confirmed(question: string): Promise<boolean> {
  const dialog = document.querySelector<HTMLDialogElement>("#confirm-dialog");
  const said = dialog?.querySelector("[data-said]");
  if (!dialog || !said) return Promise.resolve(false);
  said.textContent = question;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "ok"), { once: true });
  });
}

/** Enter confirms what was typed; in a field of several lines Enter with Ctrl. Left to itself, a form takes Enter for
 *  its first button, which cancels. */
function confirmByKey(event: KeyboardEvent): void {
  const field = event.currentTarget as HTMLInputElement | HTMLTextAreaElement;
  if (event.key !== "Enter" || event.isComposing || (field.tagName === "TEXTAREA" && !event.ctrlKey && !event.metaKey)) return;
  event.preventDefault();
  field.form?.requestSubmit(field.form.querySelector<HTMLButtonElement>("button[value=ok]"));
}

/** The text typed in the dialog, or null if it was cancelled. */
export function ask(id: string, title?: string): Promise<string | null> {
  const dialog = document.querySelector<HTMLDialogElement>(id);
  const field = dialog?.querySelector<HTMLInputElement | HTMLTextAreaElement>("[name=note]");
  if (!dialog || !field) return Promise.resolve(null);
  const heading = dialog.querySelector("h2");
  if (title && heading) heading.textContent = title;
  field.value = "";
  dialog.returnValue = "";
  dialog.showModal();
  field.focus();
  field.addEventListener("keydown", confirmByKey as EventListener); // the same one again is added once
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "ok" ? field.value : null), { once: true });
  });
}
