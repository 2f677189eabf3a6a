// Where a phone keeps what it has not sent yet: drafts of reports by task; acts, visits at doors and visits of supervision by
// their keys, in IndexedDB.

export const DRAFTS = "drafts";
export const ACTS = "acts";
export const DOORS = "doors";
export const SUPERVISIONS = "supervisions";

function store(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open("qingdun-visits", 4);
    request.addEventListener("upgradeneeded", () => {
      const there = request.result.objectStoreNames;
      if (!there.contains(DRAFTS)) request.result.createObjectStore(DRAFTS, { keyPath: "task" });
      if (!there.contains(ACTS)) request.result.createObjectStore(ACTS, { keyPath: "key" });
      if (!there.contains(DOORS)) request.result.createObjectStore(DOORS, { keyPath: "key" });
      if (!there.contains(SUPERVISIONS)) request.result.createObjectStore(SUPERVISIONS, { keyPath: "key" });
    });
    request.addEventListener("success", () => {
      // A newer page of ours may change the store; it must not wait for this one.
      request.result.addEventListener("versionchange", () => request.result.close());
      resolve(request.result);
    });
    request.addEventListener("error", () => reject(request.error));
  });
}

export async function ask<Answer>(name: string, mode: IDBTransactionMode, act: (rows: IDBObjectStore) => IDBRequest): Promise<Answer> {
  const db = await store();
  try {
    return await new Promise((resolve, reject) => {
      const request = act(db.transaction(name, mode).objectStore(name));
      // Not before the whole transaction is written: a page may be closed in between.
      request.transaction?.addEventListener("complete", () => resolve(request.result as Answer));
      request.addEventListener("error", () => reject(request.error));
    });
  } finally {
    db.close();
  }
}
