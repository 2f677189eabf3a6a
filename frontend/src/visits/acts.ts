// What was recorded at the door besides the report (consents, photos, the place, the signature): kept on the phone until
// the server has taken it, sent in the order in which it was done. The key of each makes it safe to send twice.
import { Refusal, post } from "../alerts/server";
import { ACTS, ask } from "./store";

export interface Act {
  key: string;
  task: string;
  /** Who did it: nobody else who logs in on this phone sends it. */
  user: string;
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

async function sendAct({ key, task, path, body, picture }: Act): Promise<void> {
  const url = `/api/visits/tasks/${task}/${path}`;
  if (!picture) return post(url, { key, ...body });
  const form = new FormData();
  form.set("key", key);
  form.set("file", picture, "photo");
  return post(url, form);
}

/** Every act that waits is sent, or the line is gone, which is thrown. What the server refuses waits for its writer. */
export async function sendActs(user: string): Promise<{ taken: string[]; error?: unknown }> {
  const sent: { taken: string[]; error?: unknown } = { taken: [] };
  for (const act of await actsOf(user)) {
    if (act.refused) continue;
    try {
      await sendAct(act);
      await dropAct(act.key);
      sent.taken.push(act.task);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      sent.error = error;
      await keepAct({ ...act, refused: error.message });
    }
  }
  return sent;
}
