// The officer's phone page: the next step at the bottom, a draft that survives a dead spot, the same form never twice.
import { keep, keptBy, type Draft } from "../alerts/draft";
import { Unconfirmed, send } from "../alerts/server";
import { maskTask, unmaskTask, watchUnmasked } from "../alerts/unmasked";
import { ask, complain, confirmed } from "../alerts/words";
import { serverNow } from "../clocks";
import { onLive } from "../live";
import { keepOpenable } from "../visits/offline";
import { MET, actsOf } from "../visits/acts";
import { offerLooks } from "../visits/looks";
import { sendWaiting } from "../visits/queue";
import { offerReceipt } from "../visits/signing";
import { offerRecord, perform, renew, showPending, type Visit } from "../visits/record";

/** How long what waits rests when there is a line but no answer: the console may be starting anew. */
const AGAIN_MS = 15_000;

const body = document.querySelector<HTMLElement>("[data-api]");
if (body) void start(body);

async function start(body: HTMLElement): Promise<void> {
  const task = body.dataset["task"] ?? "";
  const version = Number(body.dataset["version"]);
  const form = document.querySelector<HTMLFormElement>("#visit");
  const net = document.querySelector<HTMLElement>("#net");
  const queue = document.querySelector<HTMLElement>("#queue");
  const user = document.body.dataset["user"] ?? "";
  let draft: Draft = { task, user, version, key: crypto.randomUUID(), waiting: false, fields: {}, steps: [] };

  const visit: Visit = { task, version, user, deliver };

  function say(): void {
    if (!net) return;
    const state = !navigator.onLine ? "offline" : draft.waiting ? "waiting" : form && draft.steps.length + Object.keys(draft.fields).length ? "kept" : "online";
    net.dataset["state"] = state;
    net.textContent = net.dataset[state] ?? "";
    const back = document.querySelector<HTMLElement>("[data-take-back]");
    if (back) back.hidden = !draft.waiting;
  }

  /** How many reports wait on this phone, of this task and others. */
  async function count(): Promise<void> {
    if (!queue) return;
    const acts = (await actsOf(user)).filter((act) => !act.refused);
    const waiting = (await keptBy(user)).filter((one) => one.waiting).length + acts.length;
    queue.hidden = waiting === 0;
    queue.textContent = `${waiting} ${queue.dataset["word"] ?? ""}`;
  }

  function read(): void {
    if (!form) return;
    const data = new FormData(form);
    draft.version = version;
    draft.steps = data.getAll("step").map(String);
    draft.fields = Object.fromEntries([...data].filter(([name]) => name !== "step").map(([name, value]) => [name, String(value)]));
    void keep(draft).then(say);
  }

  function write(): void {
    if (!form) return;
    for (const field of form.querySelectorAll<HTMLInputElement>("input, textarea")) {
      if (field.name === "step") field.checked = draft.steps.includes(field.value);
      else if (field.type === "radio") field.checked = draft.fields[field.name] === field.value;
      else field.value = draft.fields[field.name] ?? field.value;
    }
  }

  let again = 0;
  let loading = false;

  /** The page is asked for again, once. */
  function loadAnew(): void {
    if (!loading) location.reload();
    loading = true;
  }

  /** How many acts are on their way: the page is not loaded anew beneath them. */
  let acting = 0;
  let outdated = false;

  /** Does what the officer asked for. What came to the task from elsewhere meanwhile is shown after it. */
  async function through<Done>(doing: Promise<Done>): Promise<Done> {
    acting += 1;
    try {
      return await doing;
    } finally {
      acting -= 1;
      if (outdated && acting === 0) loadAnew();
    }
  }

  async function report(reason?: Draft["reason"]): Promise<void> {
    if (!reason && !form?.reportValidity()) return;
    if (reason) draft.reason = reason;
    else delete draft.reason;
    draft.waiting = true;
    draft.version = version;
    await keep(draft);
    await deliver();
  }

  /** Without a line a report waits and goes out by itself; what the server refused waits for its writer. */
  async function deliver(quiet = false): Promise<void> {
    const { taken, recorded, met, error } = await sendWaiting(user);
    if (taken.includes(task) || met.includes(task)) {
      loadAnew();
      return;
    }
    await (recorded.includes(task) ? renew(visit) : showPending(visit));
    const now = (await keptBy(user)).find((one) => one.task === task);
    if (now) draft.waiting = now.waiting;
    // Without a line nothing went wrong: it waits, and the page says so.
    if (error && !quiet && (navigator.onLine || !(error instanceof TypeError))) complain(error);
    clearTimeout(again);
    if (error instanceof TypeError && navigator.onLine) again = setTimeout(() => void deliver(true), AGAIN_MS);
    say();
    await count();
  }

  /** A report that has not gone out is a draft again. */
  async function takeBack(): Promise<void> {
    delete draft.reason;
    draft.waiting = false;
    await keep(draft);
    say();
    await count();
  }

  async function falseAlarm(button: HTMLElement): Promise<void> {
    const words = "words" in button.dataset ? await ask("#note-dialog", button.textContent?.trim()) : "";
    if (words !== null) await report({ code: button.dataset["reason"] ?? "", words });
  }

  async function act(path: string, message: Record<string, unknown>): Promise<void> {
    try {
      await through(send(`tasks/${task}/${path}`, { version, ...message }));
      loadAnew();
    } catch (error) {
      if (!(error instanceof Unconfirmed)) complain(error);
      else if (await confirmed(error.message)) await act(path, { ...message, confirmed: true });
    }
  }

  /** The button that takes the last step back is there for as long as the server allows it. */
  function offerUndo(): void {
    const button = document.querySelector<HTMLElement>("button[data-undo]");
    if (!button) return;
    const left = Math.ceil((Date.parse(button.dataset["until"] ?? "") - serverNow()) / 1000);
    button.hidden = !(left > 0);
    const seconds = button.querySelector("[data-seconds]");
    if (seconds) seconds.textContent = left > 0 ? String(left) : "";
    if (left > 0) setTimeout(offerUndo, 250);
  }

  async function undo(): Promise<void> {
    try {
      await through(send(`tasks/${task}/undo`, { version }));
      loadAnew();
    } catch (error) {
      complain(error);
    }
  }

  async function unmask(): Promise<void> {
    if (await unmaskTask(task)) loadAnew();
  }

  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("button");
    if (!button) return;
    const { verb, result } = button.dataset;
    if (verb && "note" in button.dataset) {
      void ask("#note-dialog", button.textContent?.replace("…", "").trim()).then((note) => (note === null ? undefined : act("move", { verb, note })));
    } else if (verb === "meet") void through(perform(visit, MET, button.textContent?.trim() ?? "", {})).catch(complain);
    else if (verb) void act("move", { verb });
    else if (result) void act("contact", { result });
    else if ("send" in button.dataset) void report();
    else if ("undo" in button.dataset) void undo();
    else if ("unmask" in button.dataset) void unmask();
    else if ("mask" in button.dataset) void maskTask(task, document).then(() => loadAnew());
    else if ("reason" in button.dataset) void falseAlarm(button);
    else if ("takeBack" in button.dataset) void takeBack();
  });

  offerUndo();
  offerLooks();
  offerRecord(visit);
  watchUnmasked(document, () => undefined);
  offerReceipt(visit);
  form?.addEventListener("input", read);
  form?.addEventListener("submit", (event) => event.preventDefault());
  const old = (await keptBy(user).catch(() => [])).find((one) => one.task === task);
  if (old && form) {
    draft = old;
    write();
  }
  const online = (): void => {
    say();
    if (navigator.onLine) void deliver().then(() => keepOpenable()).then(() => net?.setAttribute("data-opens", ""), say);
    else void count();
  };
  addEventListener("online", online);
  addEventListener("offline", say);
  online();
  onLive("alerts", (event) => {
    const writing = form !== null && form.offsetParent !== null;
    const shown = Number(event.payload["version"] ?? Infinity) <= version;
    if (String(event.payload["task"]) !== task || shown || writing || document.querySelector("dialog[open]")) return;
    if (acting) outdated = true;
    else loadAnew();
  });
}
