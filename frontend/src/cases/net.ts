// The graph as plain columns: who is tied to whom, what is shown, the way between two. 5,000 nodes are looked
// through in less than a millisecond, so nothing here is remembered that could be stale.

/** What the server sends: a column for each property of nodes and of edges. */
export interface Answer {
  id: string[]; kind: string[]; label: string[]; page: string[]; pk: number[]; fen: number[]; day: number[]; x: number[]; y: number[]; centre: number[]; degree: number[];
  from: number[]; to: number[]; tie: string[]; count: number[]; first: number[]; last: number[]; rows: [string, string, number][][];
  hulls: [number, number][]; view?: View;
}
export interface View { shown?: string[]; notes?: Record<string, string>; pins?: Record<string, [number, number]> }
/** What is asked to be seen: kinds of nodes, which nodes at all, from which day to which (days since 1970). */
export interface Wanted { kinds: Set<string>; around: Uint8Array | undefined; since: number; until: number }
export interface Way { nodes: number[]; edges: number[] }

export class Net {
  readonly size: number;
  readonly ties: number;
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Whether nodes stand around one of them, and not where they do in the whole graph. */
  gathered = false;
  /** How wide a node is drawn, by the money that went through it. */
  readonly radius: Float32Array;
  readonly nodeOut: Uint8Array;
  readonly edgeOut: Uint8Array;
  /** Nodes by falling number of ties: of what cannot be shown whole, hubs come first. */
  readonly ranked: number[];
  readonly days: [number, number];
  private readonly starts: Uint32Array;
  private readonly ends: Uint32Array;
  private readonly via: Uint32Array;
  private readonly lower: string[];

  constructor(readonly of: Answer) {
    this.size = of.id.length;
    this.ties = of.from.length;
    this.x = Float64Array.from(of.x);
    this.y = Float64Array.from(of.y);
    this.radius = Float32Array.from(of.fen, (fen, at) => (LARGE.has(of.kind[at]!) ? 10 : 6.5) + 3 * Math.log10(1 + fen / 1_000_000));
    this.nodeOut = new Uint8Array(this.size);
    this.edgeOut = new Uint8Array(this.ties);
    this.lower = of.label.map((label) => label.toLowerCase());
    this.ranked = [...of.id.keys()].sort((one, other) => of.degree[other]! - of.degree[one]! || one - other);
    this.starts = new Uint32Array(this.size + 1);
    for (let edge = 0; edge < this.ties; edge++) for (const end of [of.from[edge]!, of.to[edge]!]) this.starts[end + 1]!++;
    for (let node = 0; node < this.size; node++) this.starts[node + 1]! += this.starts[node]!;
    this.ends = new Uint32Array(2 * this.ties);
    this.via = new Uint32Array(2 * this.ties);
    const next = this.starts.slice();
    for (let edge = 0; edge < this.ties; edge++) {
      for (const [one, other] of [[of.from[edge]!, of.to[edge]!], [of.to[edge]!, of.from[edge]!]] as const) {
        this.ends[next[one]!] = other;
        this.via[next[one]!++] = edge;
      }
    }
    let first = Infinity;
    let last = 0;
    for (const day of [...of.first, ...of.last, ...of.day]) if (day) { first = Math.min(first, day); last = Math.max(last, day); }
    this.days = last ? [first, last] : [0, 0];
  }

  at(id: string): number {
    return this.of.id.indexOf(id);
  }

  /** Edges of the node with what stands at their other ends, the strongest first. */
  tiesOf(node: number): { edge: number; other: number }[] {
    const found = [];
    for (let at = this.starts[node]!; at < this.starts[node + 1]!; at++) found.push({ edge: this.via[at]!, other: this.ends[at]! });
    return found.sort((one, other) => this.of.count[other.edge]! - this.of.count[one.edge]! || one.edge - other.edge);
  }

  /** The node and all that are at most so many ties away, added to what is given. */
  around(node: number, steps: number, to: Uint8Array = new Uint8Array(this.size)): Uint8Array {
    let edge = [node];
    to[node] = 1;
    for (; steps > 0; steps--) {
      const next: number[] = [];
      for (const one of edge) {
        for (let at = this.starts[one]!; at < this.starts[one + 1]!; at++) {
          if (!to[this.ends[at]!]) next.push(this.ends[at]!);
          to[this.ends[at]!] = 1;
        }
      }
      edge = next;
    }
    return to;
  }

  /** A way of fewest ties; over what is shown, if there is one. */
  way(from: number, to: number): Way | undefined {
    return this.search(from, to, true) ?? this.search(from, to, false);
  }

  private search(from: number, to: number, shown: boolean): Way | undefined {
    const came = new Int32Array(this.size).fill(-1);
    const by = new Int32Array(this.size).fill(-1);
    const queue = [from];
    came[from] = from;
    for (let head = 0; head < queue.length && came[to]! < 0; head++) {
      const node = queue[head]!;
      for (let at = this.starts[node]!; at < this.starts[node + 1]!; at++) {
        const other = this.ends[at]!;
        if (came[other]! >= 0 || (shown && (this.nodeOut[other] || this.edgeOut[this.via[at]!]))) continue;
        came[other] = node;
        by[other] = this.via[at]!;
        queue.push(other);
      }
    }
    if (came[to]! < 0) return undefined;
    const way: Way = { nodes: [to], edges: [] };
    for (let node = to; node !== from; node = came[node]!) {
      way.edges.unshift(by[node]!);
      way.nodes.unshift(came[node]!);
    }
    return way;
  }

  /** What is wanted is shown: an edge of days outside is not, and no node all of whose days lie outside. */
  filter({ kinds, around, since, until }: Wanted): void {
    const { of } = this;
    const all = since <= this.days[0] && until >= this.days[1];
    const past = all ? undefined : this.past(since, until);
    for (let node = 0; node < this.size; node++) {
      this.nodeOut[node] = past?.[node] || !kinds.has(of.kind[node]!) || (around && !around[node]) ? 1 : 0;
    }
    for (let edge = 0; edge < this.ties; edge++) {
      const outside = !all && of.first[edge]! && (of.first[edge]! > until || of.last[edge]! < since);
      this.edgeOut[edge] = outside || this.nodeOut[of.from[edge]!] || this.nodeOut[of.to[edge]!] ? 1 : 0;
    }
  }

  /** Nodes whose days all lie outside; what has no day, such as a number used, goes with what it is tied to. */
  private past(since: number, until: number): Uint8Array {
    const { of } = this;
    const dated = Uint8Array.from(of.day, (day) => (day ? 1 : 0));
    const inside = Uint8Array.from(of.day, (day) => (day >= since && day <= until ? 1 : 0));
    for (let edge = 0; edge < this.ties; edge++) {
      if (!of.first[edge]) continue;
      const within = of.first[edge]! <= until && of.last[edge]! >= since;
      for (const end of [of.from[edge]!, of.to[edge]!]) {
        dated[end] = 1;
        if (within) inside[end] = 1;
      }
    }
    const tied = new Uint8Array(this.size);
    const goes = new Uint8Array(this.size);
    for (let edge = 0; edge < this.ties; edge++) {
      if (of.first[edge]) continue;
      for (const [one, other] of [[of.from[edge]!, of.to[edge]!], [of.to[edge]!, of.from[edge]!]] as const) {
        tied[one] = 1;
        if (inside[other]) goes[one] = 1;
      }
    }
    return inside.map((within, node) => (dated[node] ? 1 - within : tied[node]! && 1 - goes[node]!));
  }

  /** The node is shown whatever was asked for, with its ties to what is shown. */
  reveal(nodes: number[]): void {
    for (const node of nodes) this.nodeOut[node] = 0;
    for (const node of nodes) {
      for (let at = this.starts[node]!; at < this.starts[node + 1]!; at++) if (!this.nodeOut[this.ends[at]!]) this.edgeOut[this.via[at]!] = 0;
    }
  }

  /** Nodes shown whose words hold the text, those of most ties first. */
  found(text: string): number[] {
    const wanted = text.trim().toLowerCase();
    return this.ranked.filter((node) => !this.nodeOut[node] && (!wanted || this.lower[node]!.includes(wanted)));
  }
}

/** Kinds that others gather around: drawn larger, and labelled first. */
export const LARGE = new Set(["case", "gang", "cluster"]);
