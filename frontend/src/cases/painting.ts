// The graph painted once for a view of it: gangs, edges, nodes, words. Of what is far away little is drawn.
import { LARGE, type Net } from "./net";
import { outline, tone } from "./shapes";

/** Of more nodes than this in view only hubs, or none, carry labels. */
const MOST_LABELS = 140;
/** How wide edges are drawn that one, two, four or eight rows speak for. */
const WIDTHS = [1, 1.8, 2.8, 4.2];
/** Lines drawn at once: a path of many thousand is slow to fill, and so is each for itself. */
const STROKES = 250;
/** With more ties than this those between two gangs are drawn as one, from farther away than this. */
export const CROWD = 2000;
const FAR = 0.45;

export type Sprites = Map<string, HTMLCanvasElement>;
/** Where the graph lies on the canvas, and how large that is. */
export interface Sight { zoom: number; x: number; y: number; width: number; height: number; scale: number }

export function paint(context: CanvasRenderingContext2D, net: Net, colours: Record<string, string>, view: Sight, sprites: Sprites, edges: boolean): void {
  if (!net.gathered) paintHulls(context, net, colours, view);
  if (edges) paintEdges(context, net, colours, view);
  const seen = paintNodes(context, net, colours, view, sprites);
  paintLabels(context, net, colours, view, seen);
}

/** A disc behind each gang and those that stand around it. */
function paintHulls(context: CanvasRenderingContext2D, net: Net, colours: Record<string, string>, { zoom, x, y }: Sight): void {
  context.lineWidth = 1;
  for (const [node, reach] of net.of.hulls) {
    if (net.nodeOut[node]) continue;
    context.beginPath();
    context.arc(net.x[node]! * zoom + x, net.y[node]! * zoom + y, reach * zoom, 0, 2 * Math.PI);
    context.fillStyle = context.strokeStyle = colours[net.of.kind[node] === "gang" ? "accent" : "muted"]!;
    context.globalAlpha = 0.09;
    context.fill();
    context.globalAlpha = 0.45;
    context.stroke();
  }
  context.globalAlpha = 1;
}

function paintEdges(context: CanvasRenderingContext2D, net: Net, colours: Record<string, string>, view: Sight): void {
  const { from, to, count, centre } = net.of;
  const crowd = net.edgeOut.reduce((sum, out) => sum - out, net.ties) > CROWD;
  const far = crowd && view.zoom < FAR;
  const grades: number[][] = WIDTHS.map(() => []);
  const bundles = new Map<number, number>();
  for (let edge = 0; edge < net.ties; edge++) {
    if (net.edgeOut[edge]) continue;
    const [one, other] = [centre[from[edge]!]!, centre[to[edge]!]!];
    if (far && one !== other) {
      const pair = one < other ? one * net.size + other : other * net.size + one;
      bundles.set(pair, (bundles.get(pair) ?? 0) + 1);
    } else grades[grade(count[edge]!)]!.push(from[edge]!, to[edge]!);
  }
  context.strokeStyle = colours["line-strong"]!;
  context.globalAlpha = crowd ? 0.5 : 0.8;
  grades.forEach((ends, at) => lines(context, net, view, ends, WIDTHS[at]!));
  // From afar the ties between two gangs are one line, as wide as they are many.
  const together: number[][] = WIDTHS.map(() => []);
  for (const [pair, many] of bundles) together[grade(many / 4)]!.push(Math.floor(pair / net.size), pair % net.size);
  context.globalAlpha = 0.35;
  together.forEach((ends, at) => lines(context, net, view, ends, WIDTHS[at]!));
  context.globalAlpha = 1;
}

const grade = (count: number): number => Math.max(0, Math.min(WIDTHS.length - 1, Math.floor(Math.log2(count))));

/** Lines between pairs of nodes, as far as they are in view. */
function lines(context: CanvasRenderingContext2D, net: Net, { zoom, x, y, width, height }: Sight, ends: number[], wide: number): void {
  context.lineWidth = wide;
  context.beginPath();
  let strokes = 0;
  for (let at = 0; at < ends.length; at += 2) {
    const x1 = net.x[ends[at]!]! * zoom + x;
    const y1 = net.y[ends[at]!]! * zoom + y;
    const x2 = net.x[ends[at + 1]!]! * zoom + x;
    const y2 = net.y[ends[at + 1]!]! * zoom + y;
    if ((x1 < 0 && x2 < 0) || (y1 < 0 && y2 < 0) || (x1 > width && x2 > width) || (y1 > height && y2 > height)) continue;
    context.moveTo(x1, y1);
    context.lineTo(x2, y2);
    if (++strokes % STROKES === 0) {
      context.stroke();
      context.beginPath();
    }
  }
  context.stroke();
}

/** The nodes in view; each kind and size is drawn once and then copied. Gives those in view, hubs first. */
function paintNodes(context: CanvasRenderingContext2D, net: Net, colours: Record<string, string>, { zoom, x, y, width, height, scale }: Sight, sprites: Sprites): number[] {
  const seen: number[] = [];
  for (let rank = net.size - 1; rank >= 0; rank--) {
    const node = net.ranked[rank]!;
    if (net.nodeOut[node]) continue;
    const [at, down] = [net.x[node]! * zoom + x, net.y[node]! * zoom + y];
    const size = Math.max(1.3, Math.round(net.radius[node]! * zoom * 2) / 2);
    if (at < -size || down < -size || at > width + size || down > height + size) continue;
    seen.push(node);
    const kind = net.of.kind[node]!;
    if (size < 2) {
      context.fillStyle = colours[tone(kind)]!;
      context.fillRect(at - size, down - size, 2 * size, 2 * size);
      continue;
    }
    const key = `${kind} ${size} ${scale}`;
    let sprite = sprites.get(key);
    if (!sprite) sprites.set(key, (sprite = drawSprite(kind, size, scale, colours)));
    const half = sprite.width / scale / 2;
    context.drawImage(sprite, at - half, down - half, 2 * half, 2 * half);
  }
  return seen.reverse();
}

function drawSprite(kind: string, size: number, scale: number, colours: Record<string, string>): HTMLCanvasElement {
  const made = document.createElement("canvas");
  made.width = made.height = 2 * Math.ceil((size * 1.2 + 1.5) * scale);
  const context = made.getContext("2d")!;
  context.translate(made.width / 2, made.height / 2);
  context.scale(scale, scale);
  const path = outline(kind, size);
  context.fillStyle = colours[tone(kind)]!;
  context.fill(path);
  context.lineWidth = 1;
  context.strokeStyle = colours["surface"]!;
  context.stroke(path);
  return made;
}

/** Words of the nodes in view, hubs first, none over another. */
function paintLabels(context: CanvasRenderingContext2D, net: Net, colours: Record<string, string>, { zoom, x, y }: Sight, seen: number[]): void {
  const gangs = seen.filter((node) => net.of.kind[node] === "gang");
  const large = seen.filter((node) => LARGE.has(net.of.kind[node]!));
  const few = seen.length <= 2 * MOST_LABELS;
  const wanted = new Set([...gangs, ...(few || zoom > FAR ? large : []), ...(few && zoom > FAR ? seen : [])]);
  context.font = `12px ${colours["font"]}`;
  context.textAlign = "center";
  context.textBaseline = "top";
  const taken: { left: number; top: number; right: number; bottom: number }[] = [];
  for (const node of [...wanted].slice(0, MOST_LABELS)) {
    const words = net.of.label[node]!;
    const half = Math.max(10, context.measureText(words).width / 2 + 2);
    const [at, down] = [net.x[node]! * zoom + x, net.y[node]! * zoom + y + net.radius[node]! * zoom + 3];
    const box = { left: at - half, right: at + half, top: down, bottom: down + 14 };
    if (taken.some((one) => one.left < box.right && box.left < one.right && one.top < box.bottom && box.top < one.bottom)) continue;
    taken.push(box);
    context.fillStyle = colours["surface"]!;
    context.globalAlpha = 0.75;
    context.fillRect(box.left, down - 1, 2 * half, 15);
    context.globalAlpha = 1;
    context.fillStyle = colours["ink"]!;
    context.fillText(words, at, down);
  }
}

/** What was noted of a node, beside it. */
export function paintNotes(context: CanvasRenderingContext2D, net: Net, colours: Record<string, string>, { zoom, x, y }: Sight, notes: [number, string][]): void {
  context.font = `italic 14px ${colours["font"]}`;
  context.textAlign = "left";
  context.textBaseline = "middle";
  for (const [node, words] of notes) {
    if (net.nodeOut[node]) continue;
    const [at, down] = [net.x[node]! * zoom + x + net.radius[node]! * zoom + 6, net.y[node]! * zoom + y];
    const wide = context.measureText(words).width;
    context.fillStyle = colours["surface"]!;
    context.fillRect(at - 3, down - 10, wide + 6, 20);
    context.strokeStyle = context.fillStyle = colours["ink"]!;
    context.lineWidth = 1;
    context.strokeRect(at - 3, down - 10, wide + 6, 20);
    context.fillText(words, at, down);
  }
}
