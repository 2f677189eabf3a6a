// A person unmasked for a purpose stays legible for a while: the time left is shown, and then the mask is back.
import { serverNow, spoken } from "../clocks";
import { send } from "./server";
import { ask, complain } from "./words";

/** The person's fields are masked on this page, as they were before. */
function maskFields(root: ParentNode): void {
  for (const field of root.querySelectorAll<HTMLElement>("[data-masked]")) field.textContent = field.dataset["masked"] ?? "";
  for (const call of root.querySelectorAll<HTMLAnchorElement>("a[data-call]")) {
    call.removeAttribute("href");
    call.hidden = true;
  }
}

/** The time left is drawn; what is over is masked, and `over` is told once. */
export function drawUnmasked(root: ParentNode, over: () => void): void {
  for (const note of root.querySelectorAll<HTMLElement>("[data-unmasked]")) {
    const left = (Date.parse(note.dataset["unmasked"] ?? "") - serverNow()) / 1000;
    const place = note.querySelector("[data-unmasked-left]");
    if (place) place.textContent = spoken(Math.max(0, left));
    if (left > 0) continue;
    maskFields(root);
    note.remove();
    over();
  }
}

/** Once a second, as long as the page lives. */
export function watchUnmasked(root: ParentNode, over: () => void): void {
  drawUnmasked(root, over);
  setInterval(() => drawUnmasked(root, over), 1000);
}

/** The person is legible on the server for the purpose asked for; whether it went through. */
export async function unmaskTask(task: number | string): Promise<boolean> {
  const purpose = await ask("#unmask-dialog");
  if (purpose === null) return false;
  try {
    await send(`tasks/${task}/unmask`, { purpose });
    return true;
  } catch (error) {
    complain(error);
    return false;
  }
}

/** The person is masked at once, here and on the server. */
export async function maskTask(task: number | string, root: ParentNode): Promise<void> {
  maskFields(root);
  for (const note of root.querySelectorAll("[data-unmasked]")) note.remove();
  try {
    await send(`tasks/${task}/mask`, {});
  } catch (error) {
    complain(error);
  }
}
