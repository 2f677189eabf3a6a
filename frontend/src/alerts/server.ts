// Talking with the server: JSON to the module's interface, HTML for parts of pages.

/** What the server refused, in its own words. */
export class Refusal extends Error {}

/** No word of ours about the act: a proxy answered for a console that is being started anew, the session is over, or it
 * was asked too often. The same may be sent again later, as without a line. */
export class Unanswered extends TypeError {}

const PASSING = new Set([401, 408, 425, 429, 502, 503, 504]);

/** What the server does only once its consequence was seen: its words are the question. */
export class Unconfirmed extends Refusal {}

function token(): string {
  const cookie = document.cookie.split("; ").find((part) => part.startsWith("csrftoken="));
  return cookie?.slice("csrftoken=".length) ?? document.querySelector<HTMLInputElement>("[name=csrfmiddlewaretoken]")?.value ?? "";
}

/** Sends an act on alerts and gives its answer; throws as `post`. */
export const send = <Answer>(path: string, body: unknown): Promise<Answer> => post(`/api/alerts/${path}`, body);

/** Sends JSON, or a form with files, and gives the answer; throws Refusal with the server's reason, TypeError without a line. */
export async function post<Answer>(url: string, body: unknown): Promise<Answer> {
  const form = body instanceof FormData;
  const response = await fetch(url, {
    method: "POST",
    headers: { ...(form ? {} : { "Content-Type": "application/json" }), "X-CSRFToken": token() },
    body: form ? body : JSON.stringify(body),
  });
  const answer: unknown = await response.json().catch(() => ({}));
  if (!response.ok) {
    const { message, confirm } = answer as { message?: string; confirm?: boolean };
    // A refusal of ours says why; 403 without a word is that of a form whose session is over.
    if (PASSING.has(response.status) || (response.status === 403 && !message)) throw new Unanswered(response.statusText);
    throw new (confirm ? Unconfirmed : Refusal)(message ?? `${response.status} ${response.statusText}`);
  }
  return answer as Answer;
}

/** A part of a page; `background` keeps an open page from keeping its session alive. */
export async function part(url: string, background = false): Promise<string> {
  const response = await fetch(url, { headers: background ? { "X-Background": "1" } : {} });
  if (!response.ok || response.redirected) throw new Refusal(`${response.status} ${response.statusText}`);
  return response.text();
}

export async function json<Answer>(url: string): Promise<Answer> {
  const response = await fetch(url, { headers: { "X-Background": "1" } });
  if (!response.ok) throw new Refusal(`${response.status} ${response.statusText}`);
  return (await response.json()) as Answer;
}
