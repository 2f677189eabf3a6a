// The gang graph: places come from the server, so that 5,000 nodes stand at once and the same tomorrow.
import { onTheme } from "../alerts/colours";
import { post } from "../alerts/server";
import { hands } from "../cases/hands";
import { Marks } from "../cases/marks";
import { Net, type Answer, type View } from "../cases/net";
import { ring } from "../cases/ring";
import { Scene } from "../cases/scene";
import { days, line, link, address, rowsOf, tiesOf, yuan, type Words } from "../cases/ties";

const PAGE_ROWS = 50;
const by = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;
const page = document.getElementById("graph-page");
if (page) void start(page).catch((error: unknown) => { by("g-count").textContent = `${page.dataset["failed"]} ${error instanceof Error ? error.message : ""}`; });

async function start(page: HTMLElement): Promise<void> {
  const answer = await fetch(page.dataset["url"]!);
  if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
  const of = (await answer.json()) as Answer;
  const net = new Net(of);
  const kept = of.view?.pins ?? {};
  for (const [id, [x, y]] of Object.entries(kept)) {
    const node = net.at(id);
    if (node >= 0) [net.x[node], net.y[node]] = [x, y];
  }
  const scene = new Scene(by("graph"), net);
  const graph = new Graph(page, net, scene, of.view ?? {});
  graph.everything();
  onTheme(() => scene.theme());
  new ResizeObserver(() => scene.redraw()).observe(by("graph"));
  Object.assign(by("graph"), { net, scene });
  // What stands beside is listed once the picture is there.
  requestAnimationFrame(() => setTimeout(() => {
    performance.mark("graph-drawn");
    graph.list();
  }));
}

class Graph {
  private chosen = -1;
  private from = -1;
  private at = 0;
  private around: Uint8Array | undefined;
  /** Around whom they are, and where all stood before. */
  private middle = -1;
  private places: [Float64Array, Float64Array] | undefined;
  private readonly notes: Record<string, string>;
  private readonly marks: Marks;
  private readonly words: Words;

  constructor(private readonly page: HTMLElement, private readonly net: Net, private readonly scene: Scene, view: View) {
    this.words = { kind: JSON.parse(page.dataset["words"]!) as Record<string, string>, pages: JSON.parse(page.dataset["pages"]!) as Record<string, string> };
    this.notes = { ...view.notes };
    this.marks = new Marks(net, scene, by("graph"));
    for (const [id, text] of Object.entries(this.notes)) if (net.at(id) >= 0) this.marks.set("noted", net.at(id), text);
    for (const id of Object.keys(view.pins ?? {})) if (net.at(id) >= 0) this.marks.set("pinned", net.at(id));
    if (view.shown) {
      const kept = new Set(view.shown);
      this.around = Uint8Array.from(net.of.id, (id) => (kept.has(id) ? 1 : 0));
    }
    for (const [id, day] of [["g-since", net.days[0]], ["g-until", net.days[1]]] as const) {
      Object.assign(by<HTMLInputElement>(id), { min: String(net.days[0]), max: String(net.days[1]), value: String(day), disabled: net.days[0] === net.days[1] });
    }
    hands(by("graph"), net, scene, {
      node: (node) => this.choose(node),
      edge: (edge) => this.edge(edge),
      dragged: (node) => this.marks.set("pinned", node),
      over: (node) => this.over(node),
    });
    this.listen();
  }

  private listen(): void {
    const on = (id: string, act: () => void): void => by(id).addEventListener("click", act);
    on("g-fit", () => { this.back(); this.everything(); this.list(); });
    on("g-focus", () => this.focus());
    on("g-expand", () => this.expand());
    on("g-pin", () => this.pin());
    on("g-from", () => { this.from = this.chosen; by<HTMLButtonElement>("g-to").disabled = false; });
    on("g-to", () => this.way());
    on("g-less", () => { this.at -= PAGE_ROWS; this.list(); });
    on("g-next", () => { this.at += PAGE_ROWS; this.list(); });
    by("g-form").addEventListener("submit", (event) => event.preventDefault());
    by("g-form").addEventListener("change", (event) => { if ((event.target as HTMLInputElement).name === "kind") this.show(); });
    for (const id of ["g-since", "g-until"]) by(id).addEventListener("input", () => this.show());
    by("g-find").addEventListener("input", () => { this.at = 0; this.list(); });
    by("g-note").addEventListener("change", () => this.note());
    by("g-save").addEventListener("submit", (event) => { event.preventDefault(); void this.save(event.target as HTMLFormElement); });
    by("g-file").addEventListener("submit", () => { by<HTMLInputElement>("g-shown").value = JSON.stringify(this.shown()); });
    by("g-rows").addEventListener("click", (event) => {
      const node = (event.target as HTMLElement).closest("button")?.dataset["node"];
      if (node) this.choose(Number(node), true);
    });
    by("graph").addEventListener("keydown", (event) => this.key(event));
  }

  private key(event: KeyboardEvent): void {
    const steps: Record<string, [number, number]> = { ArrowLeft: [80, 0], ArrowRight: [-80, 0], ArrowUp: [0, 80], ArrowDown: [0, -80] };
    const acts: Record<string, () => void> = { f: () => by("g-fit").click(), e: () => this.expand(), p: () => this.pin(), "+": () => this.scene.zoomBy(1.3), "-": () => this.scene.zoomBy(1 / 1.3) };
    const step = steps[event.key];
    if (step) this.scene.pan(...step);
    else if (!event.ctrlKey && !event.metaKey && acts[event.key]) acts[event.key]?.();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** What is wanted is shown and drawn. */
  private filter(): void {
    const day = (id: string): number => Number(by<HTMLInputElement>(id).value);
    const kinds = new Set([...document.querySelectorAll<HTMLInputElement>("#g-form [name=kind]:checked")].map((box) => box.value));
    this.net.filter({ kinds, around: this.around, since: day("g-since"), until: day("g-until") });
    by("g-period").textContent = days(day("g-since"), day("g-until"));
    this.scene.redraw();
  }

  everything(): void {
    this.scene.way = undefined;
    this.filter();
    this.scene.fit();
  }

  private show(): void {
    this.filter();
    this.at = 0;
    this.list();
  }

  list(): void {
    const found = this.net.found(by<HTMLInputElement>("g-find").value);
    this.at = Math.max(0, Math.min(this.at, found.length - 1));
    const rows = found.slice(this.at, this.at + PAGE_ROWS);
    const count = this.net.nodeOut.reduce((sum, out) => sum - out, this.net.size);
    by("g-count").textContent = `${count} ${this.page.dataset["of"]} ${this.net.size}`;
    by("g-more").textContent = found.length ? `${this.at + 1}–${this.at + rows.length} ${this.page.dataset["of"]} ${found.length}` : this.page.dataset["empty"]!;
    by<HTMLButtonElement>("g-less").disabled = this.at === 0;
    by<HTMLButtonElement>("g-next").disabled = this.at + PAGE_ROWS >= found.length;
    by("g-rows").replaceChildren(...rows.map((node) => line(this.net, this.words, node)));
  }

  private shown(): string[] {
    return this.net.of.id.filter((_id, node) => !this.net.nodeOut[node]);
  }

  private over(node: number): void {
    if (node >= 0 && this.marks.has("under", node)) return;
    this.marks.clear("under");
    if (node >= 0) this.marks.set("under", node, this.net.of.label[node]);
  }

  private choose(node: number, centre = false): void {
    const { of } = this.net;
    const hidden = this.net.nodeOut[node] === 1;
    this.net.reveal([node]);
    this.chosen = this.scene.chosen = node;
    this.scene.tie = -1;
    this.marks.clear("chosen");
    this.marks.set("chosen", node, of.label[node]);
    if (centre) this.scene.centre(node);
    this.scene.redraw(hidden);
    if (hidden) this.list();
    const title = of.page[node] ? link(of.label[node]!, address(this.words, of.page[node]!, of.pk[node]!)) : of.label[node]!;
    by("g-title").replaceChildren(`${this.words.kind[of.kind[node]!] ?? ""} `, title, ` ${yuan(of.fen[node]!)}`);
    by("g-hint").hidden = true;
    by("g-acts").hidden = by("g-note-line").hidden = false;
    by<HTMLInputElement>("g-note").value = this.notes[of.id[node]!] ?? "";
    by("g-ties").replaceChildren(...tiesOf(this.net, this.words, node, (other) => this.choose(other, true)));
  }

  /** An edge was pointed at: its rows stand beside. */
  private edge(edge: number): void {
    const { of } = this.net;
    const [from, to] = [of.from[edge]!, of.to[edge]!];
    this.choose(from);
    this.scene.tie = edge;
    const head = document.createElement("p");
    head.textContent = `${of.label[from]} – ${this.words.kind[of.tie[edge]!] ?? ""} – ${of.label[to]} (${of.count[edge]}) ${days(of.first[edge]!, of.last[edge]!)}`;
    by("g-ties").prepend(head, rowsOf(this.net, this.words, edge));
  }

  private focus(): void {
    if (this.chosen < 0) return;
    this.back();
    this.around = this.net.around(this.chosen, 2);
    this.middle = this.chosen;
    this.places = [this.net.x.slice(), this.net.y.slice()];
    this.gather();
    this.show();
    this.scene.fit(undefined, 40);
  }

  /** Those around one node stand around it. */
  private gather(): void {
    if (this.middle < 0 || !this.around) return;
    ring(this.net, this.middle, this.around);
    this.net.gathered = true;
  }

  /** Everything stands again where it does in the whole graph. */
  private back(): void {
    if (this.places) {
      this.net.x.set(this.places[0]);
      this.net.y.set(this.places[1]);
    }
    this.around = this.places = undefined;
    this.middle = -1;
    this.net.gathered = false;
  }

  /** What is tied to the chosen node is shown too, and it is in view. */
  private expand(): void {
    if (this.chosen < 0) return;
    const near = this.net.around(this.chosen, 1);
    if (this.around) this.around = this.net.around(this.chosen, 1, this.around);
    this.gather();
    this.filter();
    this.net.reveal([...near.keys()].filter((node) => near[node]));
    this.at = 0;
    this.list();
  }

  private pin(): void {
    if (this.chosen < 0) return;
    if (this.marks.has("pinned", this.chosen)) this.marks.clear("pinned", this.chosen); else this.marks.set("pinned", this.chosen);
  }

  private note(): void {
    if (this.chosen < 0) return;
    const text = by<HTMLInputElement>("g-note").value.trim();
    const id = this.net.of.id[this.chosen]!;
    if (text) this.notes[id] = text; else delete this.notes[id];
    if (text) this.marks.set("noted", this.chosen, text); else this.marks.clear("noted", this.chosen);
  }

  /** The shortest way between the two, drawn, and said in words. */
  private way(): void {
    if (this.from < 0 || this.chosen < 0) return;
    const found = this.net.way(this.from, this.chosen);
    const box = document.createElement("p");
    this.scene.way = found;
    if (found) {
      if (this.around) for (const node of found.nodes) this.around[node] = 1;
      this.gather();
      this.net.reveal(found.nodes);
      box.textContent = `${this.page.dataset["way"]} ${found.edges.length} ${this.page.dataset["steps"]}: ${found.nodes.map((node) => this.net.of.label[node]).join(" → ")}`;
      this.scene.fit(found.nodes, 60);
    } else {
      box.textContent = this.page.dataset["none"]!;
      this.scene.redraw(false);
    }
    by("g-ties").prepend(box);
  }

  private async save(form: HTMLFormElement): Promise<void> {
    const { net } = this;
    const says = by("g-saved");
    const button = form.querySelector<HTMLButtonElement>("button")!;
    if (button.disabled) return;
    button.disabled = true;
    try {
      const sent = new FormData(form);
      const pins = Object.fromEntries(this.marks.nodes("pinned").map((node) => [net.of.id[node], [net.x[node], net.y[node]]]));
      sent.set("view", JSON.stringify({ shown: this.shown(), notes: this.notes, pins }));
      const notes = this.marks.nodes("noted").map((node): [number, string] => [node, this.notes[net.of.id[node]!] ?? ""]);
      const picture = await this.scene.picture(3000, getComputedStyle(document.body).backgroundColor, notes);
      if (picture) sent.set("picture", picture, "graph.png");
      const kept = await post<{ id: number; digest: string }>(this.page.dataset["save"]!, sent);
      const base = this.page.dataset["save"]!.replace("save/", `${kept.id}/`);
      says.replaceChildren(`✓ ${this.page.dataset["saved"]} `, link("GraphML", `${base}graphml/`), " ", link("PNG", `${base}png/`));
    } catch (error) {
      says.textContent = error instanceof Error ? error.message : String(error);
    } finally {
      button.disabled = false;
    }
  }
}
