// Visits at doors that wait for a line, sent one after the other. The key of each makes it safe to send twice: the server
// takes it once.
import { Refusal, post } from "../alerts/server";
import { DOORS, ask } from "../visits/store";

export interface Door {
  key: string;
  /** Who recorded it: nobody else who logs in on this phone sends it. */
  user: string;
  /** When, in ms since 1970. */
  at: number;
  /** In the words of the page. */
  label: string;
  body: Record<string, unknown>;
  /** Why the server did not take it. */
  refused?: string;
}

export const keepDoor = (door: Door): Promise<unknown> => ask(DOORS, "readwrite", (doors) => doors.put(door));
export const dropDoor = (key: string): Promise<unknown> => ask(DOORS, "readwrite", (doors) => doors.delete(key));

/** All doors of this user on this phone, the first first. */
export async function doorsOf(user: string): Promise<Door[]> {
  const all = await ask<Door[]>(DOORS, "readonly", (doors) => doors.getAll());
  return all.filter((door) => door.user === user).sort((one, other) => one.at - other.at);
}

export interface Sent {
  /** How many this user has recorded today, as the server counts them; nothing if it has taken none now. */
  today?: number;
  /** The last reason why one was not taken. */
  error?: unknown;
}

/** Every door that waits is sent, or the line is gone. */
export function sendDoors(user: string): Promise<Sent> {
  return navigator.locks.request("doors", async () => {
    const sent: Sent = {};
    for (const door of (await doorsOf(user)).filter((one) => !one.refused)) {
      try {
        const { today } = await post<{ today: number }>("/api/outreach/doors", { key: door.key, ...door.body });
        await dropDoor(door.key);
        sent.today = today;
      } catch (error) {
        sent.error = error;
        if (!(error instanceof Refusal)) break;
        await keepDoor({ ...door, refused: error.message });
      }
    }
    return sent;
  });
}
