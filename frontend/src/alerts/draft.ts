// What an officer has filled in, kept on the phone until the server has it. One draft a task, in IndexedDB.

export interface Draft {
  task: string;
  key: string;
  waiting: boolean;
  fields: Record<string, string>;
  steps: string[];
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
  return new Promise((resolve, reject) => {
    const request = act(db.transaction("drafts", mode).objectStore("drafts"));
    request.addEventListener("success", () => resolve(request.result as Answer));
    request.addEventListener("error", () => reject(request.error));
  });
}

export const keep = (draft: Draft): Promise<unknown> => ask("readwrite", (drafts) => drafts.put(draft));
export const kept = (task: string): Promise<Draft | undefined> => ask("readonly", (drafts) => drafts.get(task));
export const drop = (task: string): Promise<unknown> => ask("readwrite", (drafts) => drafts.delete(task));
