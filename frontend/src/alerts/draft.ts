// What officers have filled in, kept on the phone until the server has it. One draft a task.
import { DRAFTS, ask } from "../visits/store";

export interface Draft {
  task: string;
  /** Who wrote it: nobody else who logs in on this phone is shown it, nor sends it. */
  user: string;
  /** The version of the task that its writer saw. */
  version: number;
  key: string;
  waiting: boolean;
  fields: Record<string, string>;
  steps: string[];
  /** Why it is a false alarm, if that was tapped: the verdict then. */
  reason?: { code: string; words: string };
}

export const keep = (draft: Draft): Promise<unknown> => ask(DRAFTS, "readwrite", (drafts) => drafts.put(draft));
export const drop = (task: string): Promise<unknown> => ask(DRAFTS, "readwrite", (drafts) => drafts.delete(task));

/** All drafts of this user on this phone. */
export async function keptBy(user: string): Promise<Draft[]> {
  const all = await ask<Draft[]>(DRAFTS, "readonly", (drafts) => drafts.getAll());
  return all.filter((draft) => draft.user === user);
}
