// Clocks are drawn here and decided on the server: its time comes with the page, this browser's own may be wrong.

const offsetMs = Number(document.body.dataset["now"] ?? 0) * 1000 - Date.now();

/** Milliseconds since 1970 as the server counts them. */
export function serverNow(): number {
  return Date.now() + offsetMs;
}

/** 95 s are 1:35, 7265 s are 2:01:05; what is overdue has a minus. */
export function spoken(seconds: number): string {
  const whole = Math.abs(Math.trunc(seconds));
  const two = (part: number): string => String(part).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const rest = `${hours ? two(Math.floor((whole % 3600) / 60)) : Math.floor(whole / 60)}:${two(whole % 60)}`;
  return `${seconds < 0 ? "−" : ""}${hours ? `${hours}:` : ""}${rest}`;
}

/**
 * Draws every `[data-due]` (ISO time): text is the time left; `data-state` is calm, soon (last fifth, or last minute) or late;
 * with `data-from` (ISO time), `--left` is the share left, from 1 to 0, for a bar that drains.
 */
export function drawClocks(root: ParentNode = document): void {
  const now = serverNow();
  for (const clock of root.querySelectorAll<HTMLElement>("[data-due]")) {
    const due = Date.parse(clock.dataset["due"] ?? "");
    const from = Date.parse(clock.dataset["from"] ?? "");
    if (Number.isNaN(due)) continue;
    const left = (due - now) / 1000;
    const share = Number.isNaN(from) ? 1 : Math.min(1, Math.max(0, (due - now) / (due - from)));
    const text = clock.querySelector<HTMLElement>("[data-left]") ?? clock;
    const words = spoken(left);
    if (text.textContent !== words) text.textContent = words;
    clock.dataset["state"] = left < 0 ? "late" : left < 60 || share < 0.2 ? "soon" : "calm";
    clock.style.setProperty("--left", share.toFixed(3));
  }
}

/** The running clock in the bar and every due clock of the page move once a second. */
export function startClocks(): void {
  const clock = document.querySelector<HTMLElement>("#clock");
  const format = new Intl.DateTimeFormat(document.documentElement.lang, {
    timeZone: document.body.dataset["zone"] || "UTC",
    dateStyle: "medium",
    timeStyle: "medium",
    hourCycle: "h23",
  });
  const draw = (): void => {
    if (clock) clock.textContent = format.format(serverNow());
    drawClocks();
  };
  draw();
  setInterval(draw, 1000);
}
