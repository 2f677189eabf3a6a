// The form of a visit on the phone as what is kept of it, and back: fields by name, findings, photos.
import { shrunk } from "../visits/photo";
import type { Finding, Kept, Picture } from "./kept";

const fieldOf = (form: HTMLFormElement, name: string): HTMLElement | null => form.querySelector(`[name="${CSS.escape(name)}"]`);

export class VisitForm {
  pictures: Picture[] = [];

  constructor(
    readonly form: HTMLFormElement,
    /** Ends once what the form says now is kept on this phone. */
    private readonly changed: () => Promise<unknown>,
  ) {
    form.addEventListener("click", (event) => this.press(event));
    form.addEventListener("change", (event) => void this.take(event));
  }

  get charge(): string {
    return this.form.dataset["charge"] ?? "";
  }

  fields(): Record<string, string> {
    const told = [...new FormData(this.form)].filter(([name, said]) => name !== "csrfmiddlewaretoken" && typeof said === "string");
    return Object.fromEntries(told) as Record<string, string>;
  }

  findings(): Finding[] {
    return [...this.form.querySelectorAll(".finding")].map((one) => ({
      area: one.querySelector<HTMLSelectElement>("[data-area]")?.value ?? "",
      text: one.querySelector<HTMLTextAreaElement>("[data-text]")?.value ?? "",
      due: one.querySelector<HTMLInputElement>("[data-due]")?.value ?? "",
    }));
  }

  /** Whether anything was typed that is worth keeping. */
  get touched(): boolean {
    const fields = this.fields();
    const said = Object.entries(fields).some(([name, value]) => name !== "form" && value.trim());
    return said || this.findings().length > 0 || this.pictures.length > 0;
  }

  show({ fields, findings, pictures }: Pick<Kept, "fields" | "findings" | "pictures">): void {
    for (const [name, said] of Object.entries(fields)) {
      const field = fieldOf(this.form, name);
      if (field instanceof HTMLInputElement && field.type === "radio") {
        const choice = this.form.querySelector<HTMLInputElement>(`[name="${CSS.escape(name)}"][value="${CSS.escape(said)}"]`);
        if (choice) choice.checked = true;
      } else if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) field.value = said;
    }
    this.form.querySelector("#findings")?.replaceChildren();
    findings.forEach((one) => this.add(one));
    this.pictures = [...pictures];
    this.showPictures();
    this.showDeadlines();
  }

  clear(): void {
    this.form.reset();
    this.show({ fields: {}, findings: [], pictures: [] });
  }

  /** A new deadline is asked for where a finding was not put right. */
  showDeadlines(): void {
    for (const one of this.form.querySelectorAll<HTMLElement>(".recheck")) {
      const failed = one.querySelector<HTMLInputElement>("input[value=failed]")?.checked ?? false;
      one.querySelector("[data-failed]")?.toggleAttribute("hidden", !failed);
    }
  }

  private add(finding?: Finding): void {
    const box = this.form.querySelector("#findings");
    const blank = document.querySelector<HTMLTemplateElement>("#finding")?.content.firstElementChild;
    if (!box || !blank || box.children.length >= Number(this.form.dataset["findings"])) return;
    const one = blank.cloneNode(true) as HTMLElement;
    const [area, text, due] = ["[data-area]", "[data-text]", "[data-due]"].map((name) => one.querySelector<HTMLInputElement>(name));
    if (finding && area && text && due) [area.value, text.value, due.value] = [finding.area || area.value, finding.text, finding.due];
    box.append(one);
    if (!finding) text?.focus();
  }

  private press(event: Event): void {
    const button = (event.target as Element).closest<HTMLElement>("button");
    if (!button) return;
    if ("addFinding" in button.dataset) this.add();
    else if ("dropFinding" in button.dataset) button.closest(".finding")?.remove();
    else if (button.dataset["picture"]) {
      this.pictures = this.pictures.filter((one) => one.key !== button.dataset["picture"]);
      this.showPictures();
    } else return;
    void this.changed();
  }

  private async take(event: Event): Promise<void> {
    const input = event.target as HTMLInputElement;
    const picture = input.matches("[data-photo]") ? input.files?.[0] : undefined;
    if (!picture || this.pictures.length >= Number(this.form.dataset["photos"])) return;
    const blob = await shrunk(picture);
    this.pictures.push({ key: crypto.randomUUID(), blob });
    input.value = "";
    await this.changed(); // a photo is shown when it is kept: the page may be closed right after
    this.showPictures();
  }

  private showPictures(): void {
    const list = this.form.querySelector<HTMLElement>("#photos");
    list?.replaceChildren(
      ...this.pictures.map(({ key, blob }, place) => {
        const line = document.createElement("li");
        const button = document.createElement("button");
        button.type = "button";
        button.className = "button";
        button.dataset["picture"] = key;
        button.textContent = list.dataset["remove"] ?? "";
        line.append(`${list.dataset["word"] ?? ""} ${place + 1} · ${Math.ceil(blob.size / 1024)} KB `, button);
        return line;
      }),
    );
    const most = Number(this.form.dataset["photos"]);
    const count = this.form.querySelector("#photo-count");
    if (count) count.textContent = `${this.pictures.length} / ${most}`;
    this.form.querySelector(".take")?.toggleAttribute("hidden", this.pictures.length >= most);
  }
}
