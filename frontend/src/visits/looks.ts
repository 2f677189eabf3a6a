// Large type and high contrast, each by a button of its own and remembered on the phone.

export function offerLooks(): void {
  for (const button of document.querySelectorAll<HTMLElement>("[data-look]")) {
    const look = button.dataset["look"] ?? "";
    const show = (on: boolean): void => {
      document.body.classList.toggle(look, on);
      button.setAttribute("aria-pressed", String(on));
    };
    show(localStorage.getItem(look) === "1");
    button.addEventListener("click", () => {
      const on = button.getAttribute("aria-pressed") !== "true";
      localStorage.setItem(look, on ? "1" : "");
      show(on);
    });
  }
}
