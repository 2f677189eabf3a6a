// How the gang graph is drawn: shape by kind, colour from the page's tokens, and nothing that costs a frame.
import type { StylesheetJson } from "cytoscape";
import { colour, font } from "../alerts/colours";

/** A shape for each kind, so that kind is never colour alone; graph.css draws the same for the legend. */
const SHAPES: Record<string, string> = {
  person: "ellipse", victim: "diamond", number: "rectangle", sender: "round-rectangle", device: "cut-rectangle", account: "hexagon",
  host: "triangle", card: "rhomboid", case: "star", gang: "octagon", cluster: "vee",
};
const LARGE = new Set(["case", "gang", "cluster"]);

/** The style sheet; of a `crowd`, only hubs carry their labels: the chosen node's stands in its mark. */
export function sheet(crowd: boolean): StylesheetJson {
  const ink = colour("ink");
  const strong = colour("accent");
  const styles: { selector: string; style: Record<string, unknown> }[] = [
    {
      selector: "node",
      style: {
        width: 14, height: 14, "background-color": colour("muted"), label: crowd ? "" : "data(l)", "font-size": 8, color: ink, "font-family": font(),
        "text-valign": "bottom", "text-margin-y": 2, "min-zoomed-font-size": 9, "overlay-opacity": 0,
      },
    },
    { selector: "edge", style: { width: 1, "line-color": colour("line-strong"), "curve-style": "haystack", "overlay-opacity": 0 } },
    { selector: "edge[n > 3]", style: { width: 2 } },
  ];
  for (const [kind, shape] of Object.entries(SHAPES)) {
    const large = LARGE.has(kind) ? { width: 22, height: 22, "background-color": ink, label: "data(l)" } : {};
    styles.push({ selector: `node[k = "${kind}"]`, style: { shape, ...large } });
  }
  styles.push(
    { selector: 'node[k = "victim"]', style: { "background-color": colour("high") } },
    { selector: 'node[k = "person"]', style: { "background-color": colour("urgent") } },
    { selector: ".way", style: { "line-color": strong, "background-color": strong, width: 5, "z-index": 9 } },
    { selector: "node.way", style: { width: 24, height: 24 } },
    { selector: ".out", style: { display: "none" } },
  );
  return styles as StylesheetJson;
}
