// The phone pages of a commissioner: what is theirs, and the form of a visit, which is a draft on the phone until it is sent.
import { complain, toast, word } from "../alerts/words";
import { drop, keep, keptOf, sendKept, type Kept } from "../supervision/kept";
import { VisitForm } from "../supervision/form";
import { offerLooks } from "../visits/looks";
import { keepOpenable } from "../visits/offline";

/** How long what waits rests when there is a line but no answer: the console may be starting anew. */
const AGAIN_MS = 15_000;
const user = document.body.dataset["user"] ?? "";
const element = document.querySelector<HTMLFormElement>("#supervision");
const net = document.querySelector<HTMLElement>("#net");
const queue = document.querySelector<HTMLElement>("#queue");
const refused = document.querySelector<HTMLElement>("#refused");
const visit = element && new VisitForm(element, keepDraft);
let draft = crypto.randomUUID() as string;
let again = 0;
/** Drafts are written one after the other, so that the last one typed is the one that stays. */
let writing: Promise<unknown> = Promise.resolve();

const ofThisPage = (one: Kept): boolean => one.charge === visit?.charge;

function now(waiting: boolean): Kept {
  if (!visit) throw new Error("no form");
  const label = element?.dataset["label"] ?? "";
  return { key: draft, user, charge: visit.charge, label, at: Date.now(), fields: visit.fields(), findings: visit.findings(), pictures: visit.pictures, waiting };
}

function keepDraft(): Promise<unknown> {
  visit?.showDeadlines();
  const kept = visit?.touched ? now(false) : undefined;
  const key = draft;
  writing = writing.then(() => (kept ? keep(kept) : drop(key))).then(say, complain);
  return writing;
}

async function readDraft(): Promise<void> {
  const mine = (await keptOf(user)).filter((one) => ofThisPage(one) && !one.waiting).at(-1);
  if (!mine || !visit) return;
  draft = mine.key;
  visit.show(mine);
}

async function say(): Promise<void> {
  const all = await keptOf(user);
  const waiting = all.filter((one) => one.waiting).length;
  if (net) {
    const state = !navigator.onLine ? "offline" : all.some((one) => ofThisPage(one) && !one.waiting) ? "kept" : "online";
    net.dataset["state"] = state;
    net.textContent = net.dataset[state] ?? "";
  }
  if (queue) {
    queue.hidden = waiting === 0;
    queue.textContent = `${waiting} ${queue.dataset["word"] ?? ""}`;
  }
  showRefused(all.filter((one) => one.refused));
}

function showRefused(kept: Kept[]): void {
  if (!refused) return;
  refused.hidden = kept.length === 0;
  refused.querySelector("ul")?.replaceChildren(
    ...kept.map((one) => {
      const line = document.createElement("li");
      line.className = "refused";
      line.append(`${one.label} · ${one.refused ?? ""}`);
      for (const what of ["again", "drop"]) {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "button";
        button.dataset[what] = one.key;
        button.textContent = refused.dataset[what] ?? "";
        line.append(" ", button);
      }
      return line;
    }),
  );
}

/** What waits goes out; without a line it waits on, and the page says so. */
async function deliver(quiet = false): Promise<void> {
  const { taken, error } = await sendKept(user);
  if (taken.length && visit) toast(word("taken"));
  if (error && !quiet && (navigator.onLine || !(error instanceof TypeError))) complain(error);
  clearTimeout(again);
  if (error instanceof TypeError && navigator.onLine) again = setTimeout(() => void deliver(true), AGAIN_MS);
  await say();
}

async function record(): Promise<void> {
  if (!visit || !element?.reportValidity()) return;
  await writing;
  await keep(now(true));
  draft = crypto.randomUUID();
  visit.clear();
  scrollTo(0, 0);
  await deliver();
}

document.addEventListener("click", (event) => {
  const button = (event.target as Element).closest<HTMLElement>("button");
  if (!button) return;
  const { again: key, drop: gone } = button.dataset;
  if ("record" in button.dataset) void record().catch(complain);
  else if (gone) void drop(gone).then(say);
  else if (key) {
    void keptOf(user).then(async (all) => {
      const one = all.find((each) => each.key === key);
      if (!one) return;
      const { refused: _why, ...rest } = one;
      await keep({ ...rest, waiting: true });
      await deliver();
    });
  }
});
element?.addEventListener("input", () => void keepDraft());
element?.addEventListener("submit", (event) => {
  event.preventDefault();
  void record().catch(complain);
});
addEventListener("offline", () => void say());

const online = (): void => {
  void say();
  if (!navigator.onLine) return;
  const named = [...document.querySelectorAll<HTMLAnchorElement>("a[data-keep]")].map((link) => new URL(link.href).pathname);
  void deliver()
    .then(() => keepOpenable(named))
    .then(() => net?.setAttribute("data-opens", ""), () => undefined);
};
addEventListener("online", online);
offerLooks();
void readDraft().then(online, complain);
