// The gang graph: places come from the server, so that 5,000 nodes stand at once and the same tomorrow.
import cytoscape, { type Core, type ElementDefinition, type NodeCollection, type NodeSingular } from "cytoscape";
import { onTheme } from "../alerts/colours";
import { post } from "../alerts/server";
import { sheet } from "../cases/drawing";
import { Marks } from "../cases/marks";

interface GraphNode { id: string; k: string; l: string; u: string; d: number; x: number; y: number }
interface GraphEdge { s: string; t: string; k: string; n: number; r: [string, string][] }
interface View { shown?: string[]; notes?: Record<string, string>; pins?: Record<string, [number, number]> }

const MOST_LISTED = 200;
/** From here on labels stand on hubs only, and edges rest while the view moves. */
const CROWD = 1500;
const by = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;
const page = document.getElementById("graph-page");
if (page) void start(page);

async function start(page: HTMLElement): Promise<void> {
  const asked = new URLSearchParams(location.search);
  const answer = await fetch(`${page.dataset["url"]}?${asked}`);
  const { nodes, edges, view } = (await answer.json()) as { nodes: GraphNode[]; edges: GraphEdge[]; view?: View };
  const words = JSON.parse(page.dataset["words"] ?? "{}") as Record<string, string>;
  const pins = view?.pins ?? {};
  const crowd = nodes.length > CROWD;
  const elements: ElementDefinition[] = nodes.map((one) => {
    const at = pins[one.id];
    return { data: { ...one }, position: at ? { x: at[0], y: at[1] } : { x: one.x, y: one.y } };
  });
  edges.forEach((one, at) => elements.push({ data: { id: `e${at}`, source: one.s, target: one.t, k: one.k, n: one.n, r: one.r } }));
  const cy = cytoscape({
    container: by("graph"), elements, style: sheet(crowd), layout: { name: "preset" }, minZoom: 0.02, maxZoom: 6,
    // What moves is drawn plainly: edges and labels come back when the hand rests.
    hideEdgesOnViewport: crowd, textureOnViewport: crowd, pixelRatio: crowd ? 1 : "auto",
    boxSelectionEnabled: false, autounselectify: true,
  });
  new Graph(page, cy, words, view ?? {}).show();
  onTheme(() => cy.style(sheet(crowd)));
  Object.assign(by("graph"), { cy });
  performance.mark("graph-drawn");
}

class Graph {
  private chosen: NodeSingular | undefined;
  private from: NodeSingular | undefined;
  private readonly notes: Record<string, string>;
  private readonly marks: Marks;
  private around: NodeCollection | undefined;

  constructor(private readonly page: HTMLElement, private readonly cy: Core, private readonly words: Record<string, string>, view: View) {
    this.notes = { ...view.notes };
    this.marks = new Marks(cy, by("graph"));
    for (const [id, text] of Object.entries(this.notes)) this.marks.set("noted", cy.getElementById(id) as NodeSingular, text);
    for (const id of Object.keys(view.pins ?? {})) this.marks.set("pinned", cy.getElementById(id) as NodeSingular);
    if (view.shown) {
      const kept = new Set(view.shown);
      this.around = cy.nodes().filter((one) => kept.has(one.id()));
    }
    cy.on("tap", "node", (event) => this.choose(event.target as NodeSingular));
    cy.on("dragfree", "node", (event) => this.setPin(event.target as NodeSingular, true));
    this.listen();
  }

  private listen(): void {
    const on = (id: string, act: () => void): void => by(id).addEventListener("click", act);
    on("g-fit", () => this.everything());
    on("g-focus", () => this.focus());
    on("g-expand", () => this.expand());
    on("g-pin", () => this.pin());
    on("g-from", () => { this.from = this.chosen; by<HTMLButtonElement>("g-to").disabled = false; });
    on("g-to", () => this.way());
    by("g-form").addEventListener("submit", (event) => event.preventDefault());
    by("g-form").addEventListener("change", () => this.show());
    by("g-find").addEventListener("input", () => this.list());
    by("g-note").addEventListener("change", () => this.note());
    by("g-save").addEventListener("submit", (event) => { event.preventDefault(); void this.save(event.target as HTMLFormElement); });
    by("g-rows").addEventListener("click", (event) => {
      const id = (event.target as HTMLElement).closest("button")?.dataset["id"];
      if (id) this.choose(this.cy.getElementById(id), true);
    });
    by("graph").addEventListener("keydown", (event) => this.key(event));
  }

  private key(event: KeyboardEvent): void {
    const steps: Record<string, [number, number]> = { ArrowLeft: [80, 0], ArrowRight: [-80, 0], ArrowUp: [0, 80], ArrowDown: [0, -80] };
    const acts: Record<string, () => void> = { f: () => this.everything(), e: () => this.expand(), p: () => this.pin(), "+": () => this.zoom(1.3), "-": () => this.zoom(1 / 1.3) };
    const step = steps[event.key];
    if (step) this.cy.panBy({ x: step[0], y: step[1] });
    else if (!event.ctrlKey && !event.metaKey && acts[event.key]) acts[event.key]?.();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private zoom(times: number): void {
    this.cy.zoom({ level: this.cy.zoom() * times, renderedPosition: { x: this.cy.width() / 2, y: this.cy.height() / 2 } });
  }

  private kinds(): Set<string> {
    return new Set([...document.querySelectorAll<HTMLInputElement>("#g-form [name=kind]:checked")].map((box) => box.value));
  }

  /** What is chosen to be seen is seen, and listed. */
  show(): void {
    const kinds = this.kinds();
    this.cy.batch(() => {
      this.cy.nodes().forEach((one) => {
        const out = !kinds.has(one.data("k") as string) || (this.around !== undefined && !this.around.contains(one));
        if (out !== one.hasClass("out")) one.toggleClass("out", out);
      });
    });
    this.list();
  }

  private shown(): NodeCollection {
    return this.cy.nodes().not(".out");
  }

  private list(): void {
    const shown = this.shown();
    const text = by<HTMLInputElement>("g-find").value.trim().toLowerCase();
    const wanted = text ? shown.filter((one) => (one.data("l") as string).toLowerCase().includes(text)) : shown;
    const first = wanted.toArray().sort((one, other) => (other.data("d") as number) - (one.data("d") as number)).slice(0, MOST_LISTED);
    by("g-count").textContent = `${shown.length} ${this.page.dataset["of"]} ${this.cy.nodes().length}`;
    by("g-more").textContent = wanted.length ? `${first.length} ${this.page.dataset["of"]} ${wanted.length}` : (this.page.dataset["empty"] ?? "");
    by("g-rows").replaceChildren(...first.map((one) => row(this.words[one.data("k") as string] ?? "", one as NodeSingular)));
  }

  private choose(node: NodeSingular, centre = false): void {
    if (node.empty()) return;
    if (node.hasClass("out")) node.removeClass("out");
    this.marks.clear("chosen");
    this.marks.set("chosen", node, node.data("l") as string);
    this.chosen = node;
    if (centre) this.cy.center(node);
    const data = node.data() as GraphNode;
    const title = data.u ? link(data.l, data.u) : data.l;
    by("g-title").replaceChildren(`${this.words[data.k] ?? ""} `, title);
    by("g-hint").hidden = true;
    by("g-acts").hidden = by("g-note-line").hidden = false;
    by<HTMLInputElement>("g-note").value = this.notes[data.id] ?? "";
    const ties = node.connectedEdges().toArray().slice(0, 60).map((edge) => this.tie(node, edge.data() as GraphEdge & { source: string; target: string }));
    by("g-ties").replaceChildren(...ties);
  }

  private tie(node: NodeSingular, edge: GraphEdge & { source: string; target: string }): HTMLElement {
    const other = this.cy.getElementById(edge.source === node.id() ? edge.target : edge.source);
    const part = document.createElement("details");
    const head = document.createElement("summary");
    head.textContent = `${this.words[edge.k] ?? edge.k}: ${other.data("l")} (${edge.n})`;
    const go = document.createElement("button");
    go.type = "button";
    go.textContent = "→";
    go.setAttribute("aria-label", other.data("l") as string);
    go.addEventListener("click", () => this.choose(other, true));
    const list = document.createElement("ul");
    for (const [what, url] of edge.r) {
      const line = document.createElement("li");
      line.append(link(what, url));
      list.append(line);
    }
    part.append(head, list, go);
    return part;
  }

  private everything(): void {
    this.around = undefined;
    this.cy.elements(".way").removeClass("way");
    this.show();
    this.cy.fit(undefined, 20);
  }

  private focus(): void {
    if (!this.chosen) return;
    this.around = this.chosen.closedNeighborhood().nodes();
    this.around = this.around.union(this.around.closedNeighborhood().nodes());
    this.show();
    this.cy.fit(this.around, 40);
  }

  private expand(): void {
    if (!this.chosen) return;
    if (this.around) this.around = this.around.union(this.chosen.closedNeighborhood().nodes());
    this.show();
  }

  private setPin(node: NodeSingular, on: boolean): void {
    if (on) this.marks.set("pinned", node); else this.marks.clear("pinned", node);
  }

  private pin(): void {
    if (this.chosen) this.setPin(this.chosen, !this.marks.has("pinned", this.chosen));
  }

  private note(): void {
    if (!this.chosen) return;
    const text = by<HTMLInputElement>("g-note").value.trim();
    if (text) this.notes[this.chosen.id()] = text; else delete this.notes[this.chosen.id()];
    if (text) this.marks.set("noted", this.chosen, text); else this.marks.clear("noted", this.chosen);
  }

  /** The shortest way between the two, drawn, and said in words. */
  private way(): void {
    if (!this.from || !this.chosen) return;
    this.cy.elements(".way").removeClass("way");
    const found = this.cy.elements().aStar({ root: this.from, goal: this.chosen });
    const box = document.createElement("p");
    if (found.found && found.path) {
      const nodes = found.path.nodes();
      if (this.around) { this.around = this.around.union(nodes); this.show(); }
      found.path.addClass("way").removeClass("out");
      box.textContent = `${this.page.dataset["way"]} ${found.distance} ${this.page.dataset["steps"]}: ${nodes.map((one) => one.data("l") as string).join(" → ")}`;
      this.cy.fit(found.path, 60);
    } else box.textContent = this.page.dataset["none"] ?? "";
    by("g-ties").prepend(box);
  }

  private async save(form: HTMLFormElement): Promise<void> {
    const sent = new FormData(form);
    const pins = Object.fromEntries(this.marks.nodes("pinned").map((one) => [one.id(), [one.position().x, one.position().y]]));
    sent.set("view", JSON.stringify({ shown: this.shown().map((one) => one.id()), notes: this.notes, pins }));
    sent.set("region", new URLSearchParams(location.search).get("region") ?? "");
    const ground = getComputedStyle(document.body).backgroundColor;
    const picture = this.cy.png({ output: "blob", full: true, maxWidth: 3000, maxHeight: 3000, bg: ground }) as Blob;
    sent.set("picture", picture, "graph.png");
    const says = by("g-saved");
    try {
      const kept = await post<{ id: number; digest: string }>(this.page.dataset["save"] ?? "", sent);
      const base = (this.page.dataset["save"] ?? "").replace("save/", `${kept.id}/`);
      says.replaceChildren(`✓ ${this.page.dataset["saved"]} `, link("GraphML", `${base}graphml/`), " ", link("PNG", `${base}png/`));
    } catch (error) {
      says.textContent = error instanceof Error ? error.message : String(error);
    }
  }
}

function link(text: string, url: string): HTMLAnchorElement {
  const made = document.createElement("a");
  made.href = url;
  made.textContent = text;
  return made;
}

function row(kind: string, node: NodeSingular): HTMLTableRowElement {
  const line = document.createElement("tr");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "plain";
  button.dataset["id"] = node.id();
  button.textContent = node.data("l") as string;
  const cells: (string | Node)[] = [kind, button, String(node.data("d"))];
  for (const [at, cell] of cells.entries()) {
    const made = document.createElement("td");
    if (at === 2) made.className = "num figure";
    made.append(cell);
    line.append(made);
  }
  return line;
}
