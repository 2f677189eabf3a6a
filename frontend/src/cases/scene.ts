// The graph drawn on two canvases: below, what stands still; above, what is chosen, so that choosing draws little.
// While the view moves the canvases are moved as they are; once it rests they are drawn anew (docs/decisions/0016).
import { colour, font } from "../alerts/colours";
import type { Net, Way } from "./net";
import { CROWD, paint, paintNotes, type Sprites } from "./painting";

interface Box { left: number; top: number; right: number; bottom: number }
export interface Camera { zoom: number; x: number; y: number }

const REST_MS = 90;
/** Where painting everything takes longer than this, what changes is painted without edges until it rests. */
const SLOW_MS = 40;
const ZOOM = [0.02, 6] as const;

export class Scene {
  readonly camera: Camera = { zoom: 1, x: 0, y: 0 };
  /** What is marked above: ties of the chosen node, the one tie that was asked about, and a way. */
  chosen = -1;
  tie = -1;
  way: Way | undefined;
  private readonly base = document.createElement("canvas");
  private readonly over = document.createElement("canvas");
  private drawn: Camera = { ...this.camera };
  private frame = 0;
  private rest = 0;
  private whole = true;
  private above = true;
  private slow = false;
  private resting = true;
  private colours: Record<string, string> = {};
  private readonly sprites: Sprites = new Map();
  private readonly moved: (() => void)[] = [];

  constructor(private readonly box: HTMLElement, private readonly net: Net) {
    box.prepend(this.base, this.over);
    this.theme();
  }

  get width(): number { return this.box.clientWidth; }
  get height(): number { return this.box.clientHeight; }

  onMove(act: () => void): void {
    this.moved.push(act);
  }

  theme(): void {
    for (const name of ["ink", "muted", "urgent", "high", "accent", "line-strong", "surface"]) this.colours[name] = colour(name);
    this.colours["font"] = font();
    this.sprites.clear();
    this.redraw();
  }

  /** With the next frame everything is drawn anew; without `whole` only what is marked above. */
  redraw(whole = true): void {
    this.whole ||= whole;
    this.above = true;
    this.soon();
  }

  private draw(): void {
    this.frame = 0;
    if (this.whole) this.paint();
    if (this.above) this.marked();
    this.whole = this.above = false;
    this.follow();
  }

  private soon(): void {
    if (!this.frame) this.frame = requestAnimationFrame(() => this.draw());
  }

  private paint(): void {
    window.clearTimeout(this.rest);
    const scale = Math.min(devicePixelRatio || 1, 2);
    const many = this.net.edgeOut.reduce((sum, out) => sum - out, this.net.ties) > CROWD;
    const edges = this.resting || !many || !this.slow;
    const began = performance.now();
    this.drawn = { ...this.camera };
    paint(this.context(this.base, scale), this.net, this.colours, { ...this.camera, width: this.width, height: this.height, scale }, this.sprites, edges);
    this.resting = false;
    if (!edges) this.restSoon();
    else if (many) {
      // What was painted is on the screen when the next message comes.
      const channel = new MessageChannel();
      channel.port1.onmessage = () => { this.slow = performance.now() - began > (this.slow ? SLOW_MS / 2 : SLOW_MS); };
      channel.port2.postMessage(0);
    }
  }

  private restSoon(): void {
    window.clearTimeout(this.rest);
    this.rest = window.setTimeout(() => { this.resting = true; this.redraw(); }, REST_MS);
  }

  private context(canvas: HTMLCanvasElement, scale: number): CanvasRenderingContext2D {
    const [width, height] = [Math.round(this.width * scale), Math.round(this.height * scale)];
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    const context = canvas.getContext("2d")!;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    context.setTransform(scale, 0, 0, scale, 0, 0);
    return context;
  }

  /** Ties of the chosen node and the way, over the rest. */
  private marked(): void {
    const { net, drawn } = this;
    const context = this.context(this.over, Math.min(devicePixelRatio || 1, 2));
    context.strokeStyle = this.colours["accent"]!;
    const line = (edge: number): void => {
      const [from, to] = [net.of.from[edge]!, net.of.to[edge]!];
      context.moveTo(net.x[from]! * drawn.zoom + drawn.x, net.y[from]! * drawn.zoom + drawn.y);
      context.lineTo(net.x[to]! * drawn.zoom + drawn.x, net.y[to]! * drawn.zoom + drawn.y);
    };
    if (this.chosen >= 0) {
      context.lineWidth = 2;
      context.beginPath();
      for (const { edge } of net.tiesOf(this.chosen)) if (!net.edgeOut[edge]) line(edge);
      context.stroke();
    }
    if (this.tie >= 0) {
      context.lineWidth = 5;
      context.beginPath();
      line(this.tie);
      context.stroke();
    }
    if (this.way) this.along(context, this.way, drawn);
  }

  /** A way: its ties and what stands along it. */
  private along(context: CanvasRenderingContext2D, way: Way, { zoom, x, y }: Camera): void {
    const { net } = this;
    context.strokeStyle = this.colours["accent"]!;
    context.lineWidth = 5;
    context.beginPath();
    way.nodes.forEach((node, at) => {
      const [across, down] = [net.x[node]! * zoom + x, net.y[node]! * zoom + y];
      if (at) context.lineTo(across, down); else context.moveTo(across, down);
    });
    context.stroke();
    for (const node of way.nodes) {
      context.beginPath();
      context.arc(net.x[node]! * zoom + x, net.y[node]! * zoom + y, 9, 0, 2 * Math.PI);
      context.stroke();
    }
  }

  /** The canvases stand where the view is, as they were drawn. */
  private follow(): void {
    const { drawn, camera } = this;
    const times = camera.zoom / drawn.zoom;
    const moved = times !== 1 || camera.x !== drawn.x || camera.y !== drawn.y;
    const value = moved ? `translate(${camera.x - drawn.x * times}px, ${camera.y - drawn.y * times}px) scale(${times})` : "";
    for (const canvas of [this.base, this.over]) canvas.style.transform = value;
    for (const act of this.moved) act();
  }

  private move(camera: Camera): void {
    Object.assign(this.camera, camera);
    this.restSoon();
    this.soon();
  }

  pan(x: number, y: number): void {
    this.move({ ...this.camera, x: this.camera.x + x, y: this.camera.y + y });
  }

  /** Nearer or farther, the point under x, y staying where it is. */
  zoomBy(times: number, x = this.width / 2, y = this.height / 2): void {
    const zoom = Math.min(ZOOM[1], Math.max(ZOOM[0], this.camera.zoom * times));
    const real = zoom / this.camera.zoom;
    this.move({ zoom, x: x - (x - this.camera.x) * real, y: y - (y - this.camera.y) * real });
  }

  centre(node: number): void {
    const { zoom } = this.camera;
    this.move({ zoom, x: this.width / 2 - this.net.x[node]! * zoom, y: this.height / 2 - this.net.y[node]! * zoom });
  }

  /** All these nodes, or all that are shown, are in view. */
  fit(nodes?: Iterable<number>, edge = 24): void {
    const at = bounds(this.net, nodes);
    if (!at) return;
    const zoom = Math.min(2, Math.max(ZOOM[0], Math.min((this.width - 2 * edge) / (at.right - at.left), (this.height - 2 * edge) / (at.bottom - at.top))));
    Object.assign(this.camera, { zoom, x: this.width / 2 - (zoom * (at.left + at.right)) / 2, y: this.height / 2 - (zoom * (at.top + at.bottom)) / 2 });
    this.redraw();
  }

  /** Where a point of the page lies in the graph. */
  point(x: number, y: number): [number, number] {
    return [(x - this.camera.x) / this.camera.zoom, (y - this.camera.y) / this.camera.zoom];
  }

  /** The node at a point of the box, -1 if there is none. */
  nodeAt(x: number, y: number): number {
    const { net, camera } = this;
    const [at, down] = this.point(x, y);
    let best = -1;
    let least = Infinity;
    for (let node = 0; node < net.size; node++) {
      if (net.nodeOut[node]) continue;
      const far = Math.hypot(net.x[node]! - at, net.y[node]! - down);
      if (far < least && far < Math.max(net.radius[node]!, 5 / camera.zoom)) { best = node; least = far; }
    }
    return best;
  }

  /** The edge at a point of the box, -1 if there is none. */
  edgeAt(x: number, y: number): number {
    const { net } = this;
    const [px, py] = this.point(x, y);
    let best = -1;
    let least = 4 / this.camera.zoom;
    for (let edge = 0; edge < net.ties; edge++) {
      if (net.edgeOut[edge]) continue;
      const [from, to] = [net.of.from[edge]!, net.of.to[edge]!];
      const [dx, dy] = [net.x[to]! - net.x[from]!, net.y[to]! - net.y[from]!];
      const along = Math.min(1, Math.max(0, ((px - net.x[from]!) * dx + (py - net.y[from]!) * dy) / (dx * dx + dy * dy || 1)));
      const far = Math.hypot(net.x[from]! + along * dx - px, net.y[from]! + along * dy - py);
      if (far < least) { best = edge; least = far; }
    }
    return best;
  }

  /** Everything shown with what was noted, and the way that was found, as a picture at most so many points wide or high. */
  picture(most: number, ground: string, notes: [number, string][]): Promise<Blob | null> {
    const at = bounds(this.net) ?? { left: 0, top: 0, right: 1, bottom: 1 };
    const edge = 40;
    const zoom = Math.min(2, (most - 2 * edge) / Math.max(at.right - at.left, at.bottom - at.top));
    const view = { zoom, x: edge - at.left * zoom, y: edge - at.top * zoom, width: (at.right - at.left) * zoom + 2 * edge, height: (at.bottom - at.top) * zoom + 2 * edge, scale: 1 };
    const canvas = document.createElement("canvas");
    canvas.width = Math.ceil(view.width);
    canvas.height = Math.ceil(view.height);
    const context = canvas.getContext("2d")!;
    context.fillStyle = ground;
    context.fillRect(0, 0, canvas.width, canvas.height);
    paint(context, this.net, this.colours, view, new Map(), true);
    if (this.way) this.along(context, this.way, view);
    paintNotes(context, this.net, this.colours, view, notes);
    return new Promise((done) => canvas.toBlob(done, "image/png"));
  }
}

/** The box around these nodes, or all that are shown. */
function bounds(net: Net, nodes?: Iterable<number>): Box | undefined {
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const node of nodes ?? net.of.id.keys()) {
    if (net.nodeOut[node]) continue;
    const [x, y, r] = [net.x[node]!, net.y[node]!, net.radius[node]! + 8];
    box.left = Math.min(box.left, x - r);
    box.right = Math.max(box.right, x + r);
    box.top = Math.min(box.top, y - r);
    box.bottom = Math.max(box.bottom, y + r);
  }
  return box.right > box.left ? box : undefined;
}
