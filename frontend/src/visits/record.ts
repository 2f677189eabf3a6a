// Consents, photos and the place on the phone page: each is an act that is kept on the phone first and sent then.
import { part, post } from "../alerts/server";
import { ask, complain } from "../alerts/words";
import { MET, actsOf, dropAct, keepAct, type Act } from "./acts";
import { shrunk } from "./photo";

export interface Visit {
  task: string;
  /** The version of the task that the page shows. */
  version: number;
  user: string;
  /** Sends what waits, if there is a line. */
  deliver: () => Promise<void>;
}

const box = (): HTMLElement | null => document.querySelector("#record");

/** The act is kept on the phone and sent as soon as that is possible. */
export async function perform(visit: Visit, path: string, label: string, body: Act["body"], picture?: Blob): Promise<void> {
  const { task, user, version } = visit;
  const act: Act = { key: crypto.randomUUID(), task, user, version, at: Date.now(), path, label, body };
  await keepAct(picture ? { ...act, picture } : act);
  await showPending(visit);
  await visit.deliver();
}

/** What waits of this task, with why if the server did not take it; and what holds as if it were sent. */
export async function showPending(visit: Visit): Promise<void> {
  const pending = document.querySelector<HTMLElement>("#pending");
  const list = pending?.querySelector("ul");
  if (!pending || !list) return;
  const acts = (await actsOf(visit.user)).filter((act) => act.task === visit.task);
  pending.hidden = acts.length === 0;
  list.replaceChildren(
    ...acts.map((act) => {
      const line = document.createElement("li");
      line.append(act.label, act.refused ? ` · ${act.refused}` : "");
      if (act.refused) line.className = "refused";
      for (const [what, word] of [["again", act.refused && pending.dataset["again"]], ["drop", pending.dataset["drop"]]] as const) {
        if (!word) continue;
        const button = document.createElement("button");
        button.type = "button";
        button.className = "button";
        button.dataset[what === "again" ? "actAgain" : "actDrop"] = act.key;
        button.textContent = word;
        line.append(" ", button);
      }
      return line;
    }),
  );
  const said = acts.filter((act) => act.path === "consents" && act.body["kind"] === "photo" && !act.refused).at(-1);
  if (said) allowPhotos(said.body["answer"] === "yes");
  atTheDoor(acts.some((act) => act.path === MET && !act.refused));
}

/** What is written at the door may be written as soon as the officer has said that they stand there. */
function atTheDoor(met: boolean): void {
  for (const one of document.querySelectorAll<HTMLElement>("[data-once-met]")) one.hidden = !met;
  for (const one of document.querySelectorAll<HTMLElement>("[data-until-met]")) one.hidden = met;
}

function allowPhotos(allowed: boolean): void {
  const take = box()?.querySelector<HTMLElement>("[data-take]");
  const wait = box()?.querySelector<HTMLElement>("[data-photos-wait]");
  if (take) take.hidden = !allowed;
  if (wait) wait.hidden = allowed;
}

/** The server's record is shown anew. */
export async function renew(visit: Visit): Promise<void> {
  const record = box();
  if (record?.dataset["url"]) record.innerHTML = await part(record.dataset["url"], true);
  await showPending(visit);
}

function here(): Promise<GeolocationPosition> {
  return new Promise((resolve, reject) =>
    navigator.geolocation.getCurrentPosition(resolve, reject, { enableHighAccuracy: true, timeout: 20_000, maximumAge: 60_000 }),
  );
}

async function keepPlace(visit: Visit, button: HTMLElement): Promise<void> {
  try {
    const { coords } = await here();
    const label = `${button.textContent?.trim() ?? ""} ±${Math.ceil(coords.accuracy)} m`;
    await perform(visit, "place", label, { lat: coords.latitude, lng: coords.longitude, accuracy_m: coords.accuracy });
  } catch (error) {
    complain(new Error(error instanceof GeolocationPositionError ? error.message : String(error)));
  }
}

async function showPlace(visit: Visit): Promise<void> {
  const purpose = await ask("#unmask-dialog");
  if (purpose === null) return;
  const found = await post<{ lat: number; lng: number }>(`/api/visits/tasks/${visit.task}/place/show`, { purpose });
  const field = box()?.querySelector("[data-coordinates]");
  if (field) field.textContent = `${found.lat.toFixed(5)}, ${found.lng.toFixed(5)} (WGS 84)`;
}

/** Acts of a button; those that take something away need the line. */
async function press(visit: Visit, button: HTMLElement): Promise<void> {
  const { consent, answer, removePhoto, actDrop, actAgain } = button.dataset;
  if (consent) {
    const label = `${button.closest(".results")?.getAttribute("aria-label") ?? ""}: ${button.textContent?.trim() ?? ""}`;
    await perform(visit, "consents", label, { kind: consent, answer, said_at: new Date().toISOString() });
  } else if ("place" in button.dataset) await keepPlace(visit, button);
  else if ("showPlace" in button.dataset) await showPlace(visit);
  else if ("dropPlace" in button.dataset) {
    await post(`/api/visits/tasks/${visit.task}/place/drop`, {});
    await renew(visit);
  } else if (removePhoto) {
    await post(`/api/visits/photos/${removePhoto}/remove`, {});
    await renew(visit);
  } else if (actDrop) {
    await dropAct(actDrop);
    await renew(visit).catch(() => showPending(visit));
  } else if (actAgain) {
    const act = (await actsOf(visit.user)).find((one) => one.key === actAgain);
    if (act) {
      delete act.refused;
      await keepAct(act);
      await visit.deliver();
    }
  }
}

export function offerRecord(visit: Visit): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("#record button, #pending button");
    if (button) void press(visit, button).catch(complain);
  });
  document.addEventListener("change", (event) => {
    const input = event.target as HTMLInputElement;
    const picture = input.matches("[data-photo]") ? input.files?.[0] : undefined;
    if (!picture) return;
    const label = input.closest("label")?.textContent?.trim() ?? "";
    void shrunk(picture)
      .then((small) => perform(visit, "photos", `${label} · ${Math.ceil(small.size / 1024)} KB`, {}, small))
      .catch(complain);
    input.value = "";
  });
  void showPending(visit);
}
