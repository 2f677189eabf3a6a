// Marks over the graph: what is chosen, pinned, noted, pointed at. They are elements of the page, so that marking
// one of 5,000 nodes draws none of the others again.
import type { Net } from "./net";
import type { Scene } from "./scene";

type Kind = "chosen" | "pinned" | "noted" | "under";

export class Marks {
  private readonly marks = new Map<string, { kind: Kind; node: number; box: HTMLElement }>();
  private readonly over = document.createElement("div");

  constructor(private readonly net: Net, private readonly scene: Scene, container: HTMLElement) {
    this.over.className = "graph-marks";
    container.append(this.over);
    scene.onMove(() => this.place());
  }

  has(kind: Kind, node: number): boolean {
    return this.marks.has(`${kind}:${node}`);
  }

  set(kind: Kind, node: number, text = ""): void {
    this.clear(kind, node);
    const box = document.createElement("span");
    box.dataset["mark"] = kind;
    box.textContent = text;
    this.over.append(box);
    this.marks.set(`${kind}:${node}`, { kind, node, box });
    this.place();
  }

  clear(kind: Kind, node?: number): void {
    for (const [key, one] of this.marks) {
      if (one.kind !== kind || (node !== undefined && one.node !== node)) continue;
      one.box.remove();
      this.marks.delete(key);
    }
  }

  nodes(kind: Kind): number[] {
    return [...this.marks.values()].filter((one) => one.kind === kind).map((one) => one.node);
  }

  place(): void {
    const { zoom, x, y } = this.scene.camera;
    for (const { node, box } of this.marks.values()) {
      box.style.transform = `translate(${this.net.x[node]! * zoom + x}px, ${this.net.y[node]! * zoom + y}px)`;
      box.hidden = this.net.nodeOut[node] === 1;
    }
  }
}
