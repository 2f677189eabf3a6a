// Reports that wait for a line, of all tasks of this user, sent one after the other. The key of each makes it safe to
// send twice: the server takes it once.
import { drop, keep, keptBy, type Draft } from "../alerts/draft";
import { sendActs } from "./acts";
import { Refusal, send } from "../alerts/server";

/** Yuan as typed, in fen. */
function fen(text: string): number {
  return Math.round(Number.parseFloat(text || "0") * 100) || 0;
}

async function sendOne({ task, fields, steps, key, version, reason }: Draft): Promise<void> {
  await send(`tasks/${task}/visit`, {
    key,
    version,
    steps,
    verdict: reason ? "false_alarm" : (fields["verdict"] ?? ""),
    reason: reason?.code ?? "",
    reason_words: reason?.words ?? "",
    place: fields["place"] ?? "",
    notes: fields["notes"] ?? "",
    loss_avoided_fen: fen(fields["avoided"] ?? ""),
    loss_suffered_fen: fen(fields["suffered"] ?? ""),
    cards_protected: Number(fields["cards"] || 0),
  });
}

export interface Sent {
  /** Tasks whose report the server has now. */
  taken: string[];
  /** Tasks of which the server has taken something else. */
  recorded: string[];
  /** Tasks whose person is met now. */
  met: string[];
  /** The last reason why one was not taken: a Refusal of the server, a TypeError without a line or an answer. */
  error?: unknown;
}

/** Everything that waits is sent, or the line is gone. What the server refuses becomes a draft again. */
export function sendWaiting(user: string): Promise<Sent> {
  return navigator.locks.request("visits", async () => {
    // Before the report: after it a task may soon be closed.
    const { taken: recorded, met, error } = await sendActs(user);
    const sent: Sent = { taken: [], recorded, met };
    if (error) sent.error = error;
    if (error && !(error instanceof Refusal)) return sent;
    for (const draft of (await keptBy(user)).filter((one) => one.waiting)) {
      try {
        await sendOne(draft);
        await drop(draft.task);
        sent.taken.push(draft.task);
      } catch (error) {
        sent.error = error;
        if (!(error instanceof Refusal)) break;
        await keep({ ...draft, waiting: false });
      }
    }
    return sent;
  });
}
