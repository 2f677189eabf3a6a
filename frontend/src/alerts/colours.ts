// Colours of the charts, read from the page's tokens so that light and dark need no second list.

/** The value of a token as the browser resolves it for the theme shown. */
export function colour(name: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

export function font(): string {
  return getComputedStyle(document.body).fontFamily;
}

/** Calls `act` whenever the theme changes. */
export function onTheme(act: () => void): void {
  new MutationObserver(act).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", act);
}
