// What stands around one node, drawn around it: each ring one tie farther away, those under the same node together.
import type { Net } from "./net";

const GAP = 40;
const RING = 90;

/** Of these nodes those that are tied to the middle one have their places in rings around it. */
export function ring(net: Net, middle: number, around: Uint8Array): void {
  const order = [middle];
  const depth = new Map([[middle, 0]]);
  const under = new Map<number, number[]>();
  for (const node of order) {
    const own: number[] = [];
    for (const { other } of net.tiesOf(node)) {
      if (!around[other] || depth.has(other)) continue;
      depth.set(other, depth.get(node)! + 1);
      own.push(other);
    }
    own.sort((one, other) => net.of.kind[one]!.localeCompare(net.of.kind[other]!) || one - other);
    under.set(node, own);
    order.push(...own);
  }
  const leaves = new Map<number, number>();
  for (const node of order.toReversed()) leaves.set(node, Math.max(1, under.get(node)!.reduce((sum, one) => sum + leaves.get(one)!, 0)));
  const crowd: number[] = [];
  for (const far of depth.values()) crowd[far] = (crowd[far] ?? 0) + 1;
  const radius = [0];
  for (let far = 1; far < crowd.length; far++) radius.push(Math.max(radius[far - 1]! + RING, (crowd[far]! * GAP) / (2 * Math.PI)));
  const slices = new Map([[middle, [0, 2 * Math.PI] as const]]);
  const [x, y] = [net.x[middle]!, net.y[middle]!];
  for (const node of order) {
    const [begin, width] = slices.get(node)!;
    const far = radius[depth.get(node)!]!;
    net.x[node] = x + far * Math.cos(begin + width / 2);
    net.y[node] = y + far * Math.sin(begin + width / 2);
    let from = begin;
    for (const one of under.get(node)!) {
      const share = (width * leaves.get(one)!) / leaves.get(node)!;
      slices.set(one, [from, share]);
      from += share;
    }
  }
}
