// A shape for each kind, so that kind is never colour alone; cases.css draws the same for the legend.

const polygon = (...points: [number, number][]) => (path: Path2D, r: number): void => {
  points.forEach(([x, y], at) => (at ? path.lineTo(x * r, y * r) : path.moveTo(x * r, y * r)));
  path.closePath();
};
const round = (count: number, turn: number, inner = 1): [number, number][] =>
  Array.from({ length: count }, (_, at) => {
    const far = at % 2 ? inner : 1;
    const angle = (2 * Math.PI * at) / count + turn;
    return [far * Math.cos(angle), far * Math.sin(angle)];
  });

const SHAPES: Record<string, (path: Path2D, r: number) => void> = {
  person: (path, r) => path.arc(0, 0, r, 0, 2 * Math.PI),
  victim: polygon([0, -1.15], [1.15, 0], [0, 1.15], [-1.15, 0]),
  number: polygon([-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]),
  sender: (path, r) => path.roundRect(-0.9 * r, -0.9 * r, 1.8 * r, 1.8 * r, 0.5 * r),
  device: polygon([-0.5, -1], [0.5, -1], [1, -0.5], [1, 0.5], [0.5, 1], [-0.5, 1], [-1, 0.5], [-1, -0.5]),
  account: polygon(...round(6, 0)),
  host: polygon([0, -1], [1, 0.9], [-1, 0.9]),
  card: polygon([-1, -0.8], [0.4, -0.8], [1, 0.8], [-0.4, 0.8]),
  case: polygon(...round(10, -Math.PI / 2, 0.45)),
  gang: polygon(...round(8, Math.PI / 8)),
  cluster: polygon([-1, -1], [0, -0.35], [1, -1], [0, 1]),
};
const TONES: Record<string, string> = { person: "urgent", victim: "high", case: "ink", gang: "ink", cluster: "ink" };

export const tone = (kind: string): string => TONES[kind] ?? "muted";

/** The outline of a node of that kind around 0, 0. */
export function outline(kind: string, r: number): Path2D {
  const path = new Path2D();
  (SHAPES[kind] ?? SHAPES["person"])!(path, r);
  return path;
}
