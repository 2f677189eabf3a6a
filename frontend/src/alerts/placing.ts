// Where names stand on a map, so that none lies over another.
import { font } from "./colours";

/** A rectangle in pixels. */
export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

export type Side = "right" | "left" | "top" | "bottom";
const SIDES: Side[] = ["right", "left", "top", "bottom"];

/** A mark on the map and the name beside it. */
export interface Named {
  x: number;
  y: number;
  radius: number;
  text: string;
}

let pen: CanvasRenderingContext2D | null = null;

/** How wide the text is, in pixels. */
export function width(text: string, size: number): number {
  pen ??= document.createElement("canvas").getContext("2d");
  if (!pen) return text.length * size;
  pen.font = `${size}px ${font()}`;
  return pen.measureText(text).width;
}

/** The box around a point. */
export function around(x: number, y: number, wide: number, high: number): Box {
  return { left: x - wide / 2, top: y - high / 2, width: wide, height: high };
}

const meet = (a: Box, b: Box): boolean => a.left < b.left + b.width && b.left < a.left + a.width && a.top < b.top + b.height && b.top < a.top + a.height;
const holds = (whole: Box, part: Box): boolean => part.left >= whole.left && part.top >= whole.top && part.left + part.width <= whole.left + whole.width && part.top + part.height <= whole.top + whole.height;

/** For each mark in turn the first side on which its name lies within the whole and over nothing that is taken, nor
 * over a name before it; undefined where there is none. */
export function place(marks: Named[], size: number, taken: Box[], whole: Box): (Side | undefined)[] {
  const full = [...taken];
  return marks.map((mark) => {
    const wide = width(mark.text, size) + 4;
    const high = size * 1.2;
    const off = mark.radius + 5;
    const boxes: Record<Side, Box> = {
      right: around(mark.x + off + wide / 2, mark.y, wide, high),
      left: around(mark.x - off - wide / 2, mark.y, wide, high),
      top: around(mark.x, mark.y - off - high / 2, wide, high),
      bottom: around(mark.x, mark.y + off + high / 2, wide, high),
    };
    const side = SIDES.find((one) => holds(whole, boxes[one]) && !full.some((other) => meet(other, boxes[one])));
    if (side) full.push(boxes[side]);
    return side;
  });
}

/** Where the name of a shape stands: the middle of its greatest part, by area. */
export function middle(shape: { type: string; coordinates: unknown }): [number, number] {
  const parts = (shape.type === "Polygon" ? [shape.coordinates] : shape.coordinates) as [number, number][][][];
  let [greatest, lng, lat] = [0, 0, 0];
  for (const [ring] of parts) {
    let [area, x, y] = [0, 0, 0];
    ring?.forEach(([x1, y1], number) => {
      const [x2, y2] = ring[(number + 1) % ring.length] ?? [x1, y1];
      const cross = x1 * y2 - x2 * y1;
      area += cross;
      x += (x1 + x2) * cross;
      y += (y1 + y2) * cross;
    });
    if (Math.abs(area) > greatest) [greatest, lng, lat] = [Math.abs(area), x / (3 * area), y / (3 * area)];
  }
  return [lng, lat];
}
