// Visits of supervision on the phone: a draft becomes a visit that waits, goes out with its photos after it, and is dropped
// when the server has all of it. Keys make every part safe to send twice: the server takes it once.
import { Refusal, post } from "../alerts/server";
import { SUPERVISIONS, ask } from "../visits/store";

export interface Picture {
  key: string;
  blob: Blob;
}

export interface Finding {
  area: string;
  text: string;
  due: string;
}

export interface Kept {
  key: string;
  /** Who records it: nobody else who logs in on this phone is shown it or sends it. */
  user: string;
  charge: string;
  /** Name of the town or enterprise. */
  label: string;
  /** When it was written last; of a visit that waits, when it was made. In ms since 1970. */
  at: number;
  /** Fields of the form by name. */
  fields: Record<string, string>;
  findings: Finding[];
  pictures: Picture[];
  /** Whether it is to be sent; otherwise it is a draft. */
  waiting: boolean;
  /** Why the server did not take it. */
  refused?: string;
}

export const keep = (one: Kept): Promise<unknown> => ask(SUPERVISIONS, "readwrite", (rows) => rows.put(one));
export const drop = (key: string): Promise<unknown> => ask(SUPERVISIONS, "readwrite", (rows) => rows.delete(key));

/** Everything of this user on this phone, the first first. */
export async function keptOf(user: string): Promise<Kept[]> {
  const all = await ask<Kept[]>(SUPERVISIONS, "readonly", (rows) => rows.getAll());
  return all.filter((one) => one.user === user).sort((one, other) => one.at - other.at);
}

function body({ key, at, fields, findings }: Kept): unknown {
  const rechecks = Object.entries(fields)
    .filter(([name, said]) => /^recheck-\d+$/.test(name) && said)
    .map(([name, said]) => {
      const shortcoming = name.slice("recheck-".length);
      const due = said === "failed" ? fields[`recheck-due-${shortcoming}`] : "";
      return { shortcoming: Number(shortcoming), passed: said === "passed", note: fields[`recheck-note-${shortcoming}`] ?? "", due_on: due || null };
    });
  const verdict = fields["verdict"] ? fields["verdict"] === "yes" : null;
  const found = findings.map(({ area, text, due }) => ({ area, text, due_on: due || null }));
  return { key, form: fields["form"], notes: fields["notes"], found, rechecks, verdict, visited_at: new Date(at).toISOString() };
}

async function sendOne(one: Kept): Promise<void> {
  await post(`/api/supervision/charges/${one.charge}/visits`, body(one));
  // What the server has of the photos it takes once more as the same; what is left is sent when the line is back.
  for (const { key, blob } of [...one.pictures]) {
    const form = new FormData();
    form.set("visit", one.key);
    form.set("key", key);
    form.set("file", blob, "photo");
    await post("/api/supervision/photos", form);
  }
}

export interface Sent {
  /** Charges whose visits the server has now. */
  taken: string[];
  /** The last reason why one was not taken. */
  error?: unknown;
}

/** Every visit that waits is sent, or the line is gone. What the server refuses becomes a draft again. */
export function sendKept(user: string): Promise<Sent> {
  return navigator.locks.request("supervisions", async () => {
    const sent: Sent = { taken: [] };
    for (const one of (await keptOf(user)).filter((each) => each.waiting && !each.refused)) {
      try {
        await sendOne(one);
        await drop(one.key);
        sent.taken.push(one.charge);
      } catch (error) {
        sent.error = error;
        if (!(error instanceof Refusal)) break;
        await keep({ ...one, waiting: false, refused: error.message });
      }
    }
    return sent;
  });
}
