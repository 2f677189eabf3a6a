// Clocks are drawn here and decided on the server: its time comes with the page, this browser's own may be wrong.

const offsetMs = Number(document.body.dataset["now"] ?? 0) * 1000 - Date.now();

/** Milliseconds since 1970 as the server counts them. */
export function serverNow(): number {
  return Date.now() + offsetMs;
}

const UNITS = [86_400, 3600, 60, 1];

/**
 * A length as people say it, in the page's language, without a sign: seconds below a minute, then minutes and seconds, hours
 * and minutes, days and hours, without what is nought; as kernel/durations.py says it. In brief the first unit alone.
 */
export function spoken(length_s: number, brief = false): string {
  const words = (document.body.dataset["units"] ?? "d h min s").split(" ");
  let rest = Math.abs(Math.trunc(length_s));
  const first = Math.max(0, UNITS.findIndex((unit) => rest >= unit || unit === 1));
  const said: string[] = [];
  for (const [index, unit] of UNITS.slice(first, first + (brief ? 1 : 2)).entries()) {
    const count = Math.floor(rest / unit);
    rest -= count * unit;
    if (count || !index) said.push(`${count} ${words[first + index]}`);
  }
  return said.join(" ");
}

/**
 * Draws every `[data-due]` (ISO time): text is the time left, or with `data-late` ("{} late") how long it is over; `data-state`
 * is calm, soon (last fifth, or last minute) or late; with `data-brief` in one unit alone, so seconds in the last minute;
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
    const length = spoken(left, "brief" in clock.dataset);
    const words = left < 0 ? (clock.dataset["late"] ?? "{}").replace("{}", length) : length;
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
    drawAges();
  };
  draw();
  setInterval(draw, 1000);
}

const SPANS: [Intl.RelativeTimeFormatUnit, number][] = [["day", 86_400], ["hour", 3600], ["minute", 60]];

/** Beside each time of a history stands how long ago it was. */
function drawAges(): void {
  const lang = document.documentElement.lang;
  const words = new Intl.RelativeTimeFormat(lang, { numeric: "always", style: "short" });
  const justNow = new Intl.RelativeTimeFormat(lang, { numeric: "auto" }).format(0, "second");
  for (const time of document.querySelectorAll<HTMLTimeElement>(".log time[datetime]")) {
    const past = (serverNow() - Date.parse(time.dateTime)) / 1000;
    const [unit, seconds] = SPANS.find(([, length]) => Math.abs(past) >= length) ?? ["second", 0];
    const ago = Number.isNaN(past) ? "" : seconds ? words.format(-Math.floor(past / seconds), unit) : justNow;
    if (time.dataset["ago"] !== ago) time.dataset["ago"] = ago;
  }
}
