// What officers have filled in, kept on the phone until the server has it. One draft a task, in IndexedDB.

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

function store(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open("qingdun-visits", 1);
    request.addEventListener("upgradeneeded", () => request.result.createObjectStore("drafts", { keyPath: "task" }));
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error));
  });
}

async function ask<Answer>(mode: IDBTransactionMode, act: (drafts: IDBObjectStore) => IDBRequest): Promise<Answer> {
  const db = await store();
  try {
    return await new Promise((resolve, reject) => {
      const request = act(db.transaction("drafts", mode).objectStore("drafts"));
      // Not before the whole transaction is written: a page may be closed in between.
      request.transaction?.addEventListener("complete", () => resolve(request.result as Answer));
      request.addEventListener("error", () => reject(request.error));
    });
  } finally {
    db.close();
  }
}

export const keep = (draft: Draft): Promise<unknown> => ask("readwrite", (drafts) => drafts.put(draft));
export const drop = (task: string): Promise<unknown> => ask("readwrite", (drafts) => drafts.delete(task));

/** All drafts of this user on this phone. */
export async function keptBy(user: string): Promise<Draft[]> {
  const all = await ask<Draft[]>("readonly", (drafts) => drafts.getAll());
  return all.filter((draft) => draft.user === user);
}
