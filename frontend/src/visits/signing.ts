// The receipt, signed with a finger: lines of points in a field of 1000 × 400, kept on the phone and sent like all else.
import { perform, type Visit } from "./record";

type Point = [number, number];

/** The field that is drawn in; gives the lines drawn so far. */
function pad(canvas: HTMLCanvasElement): { strokes: Point[][]; clear: () => void } {
  const strokes: Point[][] = [];
  const pen = canvas.getContext("2d");
  const clear = (): void => {
    strokes.length = 0;
    pen?.clearRect(0, 0, canvas.width, canvas.height);
  };
  const point = (event: PointerEvent): Point => {
    const box = canvas.getBoundingClientRect();
    const within = (value: number, most: number): number => Math.min(most, Math.max(0, Math.round(value)));
    return [within(((event.clientX - box.left) / box.width) * 1000, 1000), within(((event.clientY - box.top) / box.height) * 400, 400)];
  };
  const draw = (from: Point, to: Point): void => {
    if (!pen) return;
    Object.assign(pen, { lineWidth: 8, lineCap: "round", strokeStyle: "#000" });
    pen.beginPath();
    pen.moveTo(...from);
    pen.lineTo(...to);
    pen.stroke();
  };
  let line: Point[] | null = null;
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    const first = point(event);
    line = [first];
    strokes.push(line);
    draw(first, first);
  });
  canvas.addEventListener("pointermove", (event) => {
    const last = line?.at(-1);
    if (!line || !last) return;
    const next = point(event);
    if (Math.hypot(next[0] - last[0], next[1] - last[1]) < 4) return;
    draw(last, next);
    line.push(next);
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => (line = null));
  return { strokes, clear };
}

export function offerReceipt(visit: Visit): void {
  const dialog = document.querySelector<HTMLDialogElement>("#sign-dialog");
  const form = dialog?.querySelector("form");
  const canvas = dialog?.querySelector("canvas");
  const problem = dialog?.querySelector<HTMLElement>("[data-problem]");
  if (!dialog || !form || !canvas || !problem) return;
  const { strokes, clear } = pad(canvas);
  const say = (text: string): void => {
    problem.textContent = text;
    problem.hidden = !text;
  };
  document.querySelector("[data-sign]")?.addEventListener("click", () => {
    clear();
    say("");
    dialog.showModal();
  });
  dialog.querySelector("[data-clear-pad]")?.addEventListener("click", clear);
  dialog.querySelector("[data-signed]")?.addEventListener("click", () => {
    const typed = new FormData(form);
    const refused = typed.get("refused") !== null;
    if (refused === strokes.length > 0) return say(problem.dataset["problem"] ?? "");
    const steps = [...document.querySelectorAll<HTMLInputElement>("#visit [name=step]:checked")].map((step) => step.value);
    dialog.close();
    void perform(visit, "receipts", dialog.querySelector("h2")?.textContent ?? "", {
      language: typed.get("language"),
      told: typed.getAll("told"),
      steps,
      strokes: structuredClone(strokes),
      refused,
      signed_at: new Date().toISOString(),
    });
  });
}
