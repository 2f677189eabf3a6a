// Marks over the graph: what is chosen, pinned and noted. They are elements of the page, so that marking one of
// 5,000 nodes draws none of the others again.
import type { Core, NodeSingular } from "cytoscape";

export class Marks {
  private readonly marks = new Map<string, { node: NodeSingular; box: HTMLElement }>();
  private readonly over = document.createElement("div");

  constructor(private readonly cy: Core, container: HTMLElement) {
    this.over.className = "graph-marks";
    container.append(this.over);
    cy.on("viewport resize", () => this.place());
    cy.on("position", "node", () => this.place());
  }

  has(kind: string, node: NodeSingular): boolean {
    return this.marks.has(`${kind}:${node.id()}`);
  }

  set(kind: string, node: NodeSingular, text = ""): void {
    this.clear(kind, node);
    const box = document.createElement("span");
    box.dataset["mark"] = kind;
    box.textContent = text;
    this.over.append(box);
    this.marks.set(`${kind}:${node.id()}`, { node, box });
    this.place();
  }

  clear(kind: string, node?: NodeSingular): void {
    for (const [key, { node: marked, box }] of this.marks) {
      if (!key.startsWith(`${kind}:`) || (node && marked.id() !== node.id())) continue;
      box.remove();
      this.marks.delete(key);
    }
  }

  nodes(kind: string): NodeSingular[] {
    return [...this.marks].filter(([key]) => key.startsWith(`${kind}:`)).map(([, { node }]) => node);
  }

  private place(): void {
    const { x, y } = this.cy.pan();
    const zoom = this.cy.zoom();
    for (const { node, box } of this.marks.values()) {
      const at = node.position();
      box.style.transform = `translate(${at.x * zoom + x}px, ${at.y * zoom + y}px)`;
    }
  }
}
