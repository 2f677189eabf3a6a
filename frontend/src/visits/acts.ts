// What was recorded at the door besides the report (that the person was met, consents, photos, the place, the signature):
// kept on the phone until the server has taken it, sent in the order in which it was done. The key of each makes it safe
// to send twice.
import { keep, keptBy } from "../alerts/draft";
import { Refusal, post } from "../alerts/server";
import { ACTS, ask } from "./store";

/** The act that the officer stands before the person: what follows at the door may be written from then on. */
export const MET = "met";

export interface Act {
  key: string;
  task: string;
  /** Who did it: nobody else who logs in on this phone sends it. */
  user: string;
  /** The version of the task that they saw. */
  version: number;
  /** When, in ms since 1970. */
  at: number;
  /** Address beneath /api/visits/tasks/TASK/. */
  path: string;
  /** In the officer's words. */
  label: string;
  body: Record<string, unknown>;
  picture?: Blob;
  /** Why the server did not take it. */
  refused?: string;
}

export const keepAct = (act: Act): Promise<unknown> => ask(ACTS, "readwrite", (acts) => acts.put(act));
export const dropAct = (key: string): Promise<unknown> => ask(ACTS, "readwrite", (acts) => acts.delete(key));

/** All acts of this user on this phone, the first first. */
export async function actsOf(user: string): Promise<Act[]> {
  const all = await ask<Act[]>(ACTS, "readonly", (acts) => acts.getAll());
  return all.filter((act) => act.user === user).sort((one, other) => one.at - other.at);
}

async function sendAct({ key, task, path, body, picture }: Act): Promise<{ version?: number }> {
  const url = `/api/visits/tasks/${task}/${path}`;
  if (!picture) return post(url, { key, ...body });
  const form = new FormData();
  form.set("key", key);
  form.set("file", picture, "photo");
  return post(url, form);
}

/** The report that was written since goes on from there, unless something else came to the task meanwhile. */
async function carryOn(act: Act, version: number): Promise<void> {
  const draft = (await keptBy(act.user)).find((one) => one.task === act.task);
  if (draft && draft.version === act.version && version === act.version + 1) await keep({ ...draft, version });
}

export interface SentActs {
  /** Tasks of which the server has taken something. */
  taken: string[];
  /** Those among them whose person is met now. */
  met: string[];
  /** The last reason why one was not taken: a Refusal of the server, or that the line is gone. */
  error?: unknown;
}

/** Every act that waits is sent, or the line is gone. What the server refuses waits for its writer. */
export async function sendActs(user: string): Promise<SentActs> {
  const sent: SentActs = { taken: [], met: [] };
  for (const act of await actsOf(user)) {
    if (act.refused) continue;
    try {
      const { version } = await sendAct(act);
      if (act.path === MET && version !== undefined) {
        await carryOn(act, version);
        sent.met.push(act.task);
      }
      await dropAct(act.key);
      sent.taken.push(act.task);
    } catch (error) {
      sent.error = error;
      if (!(error instanceof Refusal)) break;
      await keepAct({ ...act, refused: error.message });
    }
  }
  return sent;
}
