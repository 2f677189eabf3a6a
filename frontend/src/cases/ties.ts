// What stands beside the graph: a node's ties, each with the rows that speak for it, and the list of what is shown.
import type { Net } from "./net";

const MOST_TIES = 60;

export interface Words { kind: Record<string, string>; pages: Record<string, string> }

export function link(text: string, url: string): HTMLAnchorElement {
  const made = document.createElement("a");
  made.href = url;
  made.textContent = text;
  return made;
}

/** The page of a row: of each kind the server says where row 0 would be. */
export function address(words: Words, page: string, pk: number): string {
  return (words.pages[page] ?? "").replace(/0\/$/, `${pk}/`);
}

export function days(first: number, last: number): string {
  const day = (number: number): string => new Date(number * 86_400_000).toISOString().slice(0, 10);
  return !first ? "" : first === last ? day(first) : `${day(first)} – ${day(last)}`;
}

export const yuan = (fen: number): string => (fen ? `¥${(fen / 100).toLocaleString("en", { minimumFractionDigits: 2 })}` : "");

/** The rows behind an edge, each leading to its page. */
export function rowsOf(net: Net, words: Words, edge: number): HTMLElement {
  const list = document.createElement("ul");
  for (const [what, page, pk] of net.of.rows[edge]!) {
    const line = document.createElement("li");
    line.append(page ? link(what, address(words, page, pk)) : what);
    list.append(line);
  }
  const more = net.of.count[edge]! - net.of.rows[edge]!.length;
  if (more > 0) {
    const line = document.createElement("li");
    line.className = "muted";
    line.textContent = `+${more}`;
    list.append(line);
  }
  return list;
}

/** The ties of a node; each opens to its rows, and leads on to what stands at its other end. */
export function tiesOf(net: Net, words: Words, node: number, go: (other: number) => void): HTMLElement[] {
  const ties = net.tiesOf(node);
  const made = ties.slice(0, MOST_TIES).map(({ edge, other }) => {
    const part = document.createElement("details");
    const head = document.createElement("summary");
    const span = days(net.of.first[edge]!, net.of.last[edge]!);
    head.textContent = `${words.kind[net.of.tie[edge]!] ?? net.of.tie[edge]}: ${net.of.label[other]} (${net.of.count[edge]})${span ? ` · ${span}` : ""}`;
    const on = document.createElement("button");
    on.type = "button";
    on.textContent = "→";
    on.setAttribute("aria-label", net.of.label[other]!);
    on.addEventListener("click", () => go(other));
    part.append(head, on);
    // A hub has hundreds of rows behind its ties: they are made when somebody looks at them.
    part.addEventListener("toggle", () => head.after(rowsOf(net, words, edge)), { once: true });
    return part;
  });
  if (ties.length > MOST_TIES) {
    const rest = document.createElement("p");
    rest.className = "muted small";
    rest.textContent = `+${ties.length - MOST_TIES}`;
    return [...made, rest as HTMLElement];
  }
  return made;
}

/** A line of the table: kind, words as a button that chooses the node, ties, money. */
export function line(net: Net, words: Words, node: number): HTMLTableRowElement {
  const row = document.createElement("tr");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "plain";
  button.dataset["node"] = String(node);
  button.textContent = net.of.label[node]!;
  const cells: [string | Node, string][] = [[words.kind[net.of.kind[node]!] ?? "", ""], [button, ""], [String(net.of.degree[node]), "num figure"], [yuan(net.of.fen[node]!), "num figure"]];
  for (const [cell, look] of cells) {
    const made = document.createElement("td");
    made.className = look;
    made.append(cell);
    row.append(made);
  }
  return row;
}
