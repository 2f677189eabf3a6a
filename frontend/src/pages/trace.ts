// Money from victims to where it stands: certain hops filled, estimated ones hatched, what is still there glowing.
import { SankeyChart } from "echarts/charts";
import { TooltipComponent } from "echarts/components";
import { init, use, type EChartsType } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { colour, font, onTheme } from "../alerts/colours";

use([SankeyChart, TooltipComponent, CanvasRenderer]);

interface Node {
  id: string;
  depth: number;
  name: string;
  kind: "victim" | "followed" | "merchant" | "beyond" | "home";
  word: string;
  there: number;
  held: string;
}
interface Link {
  source: string;
  target: string;
  value: number;
  count: number;
  certain: boolean;
}
interface Drawing {
  nodes: Node[];
  links: Link[];
  words: Record<string, string>;
}

const ROW = 56;
const LEAST_WIDTH = 170;
const box = document.querySelector<HTMLElement>("[data-chart=sankey]");
if (box) start(box);

function yuan(amount: number): string {
  return `¥${amount.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** Slanted lines of that colour, as a fill. */
function hatched(ink: string): { image: HTMLCanvasElement; repeat: "repeat" } {
  const image = document.createElement("canvas");
  image.width = image.height = 8;
  const pen = image.getContext("2d");
  if (pen) {
    pen.strokeStyle = ink;
    pen.lineWidth = 2;
    for (const shift of [-8, 0, 8]) {
      pen.moveTo(shift, 8);
      pen.lineTo(shift + 8, 0);
    }
    pen.stroke();
  }
  return { image, repeat: "repeat" };
}

function start(box: HTMLElement): void {
  const drawing = JSON.parse(box.dataset["drawing"] ?? "{}") as Drawing;
  const word = (key: string): string => escaped(drawing.words[key] ?? "");
  const byId = new Map(drawing.nodes.map((node) => [node.id, node]));
  const rows = new Map<number, number>();
  for (const node of drawing.nodes) rows.set(node.depth, (rows.get(node.depth) ?? 0) + 1);
  box.style.height = `${Math.min(1400, Math.max(280, Math.max(...rows.values()) * ROW + 40))}px`;
  box.style.minWidth = `${(Math.max(...rows.keys()) + 1) * LEAST_WIDTH}px`;
  let chart: EChartsType | undefined;
  function draw(): void {
    chart?.dispose();
    chart = init(box, null, { renderer: "canvas" });
    const ink = colour("ink");
    const fills: Record<Node["kind"], string> = {
      victim: colour("accent"),
      followed: colour("line-strong"),
      merchant: colour("high"),
      beyond: colour("muted"),
      home: colour("good"),
    };
    const lines = hatched(colour("line-strong"));
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: font(), color: ink },
      tooltip: {
        confine: true,
        backgroundColor: colour("raised"),
        borderColor: colour("line"),
        textStyle: { color: ink },
        formatter: (shown: unknown) => {
          const { dataType, data } = shown as { dataType: string; data: Node & Link };
          if (dataType === "edge") {
            const from = escaped(byId.get(data.source)?.name ?? "");
            const to = escaped(byId.get(data.target)?.name ?? "");
            return `${from} → ${to}<br><b>${yuan(data.value)}</b> · ${data.count} ${word("transfers")} · ${word(data.certain ? "certain" : "estimated")}`;
          }
          const node = byId.get(data.id);
          if (!node) return "";
          const there = node.there ? `<br>${word("there")} <b>${yuan(node.there)}</b>` : "";
          return `${escaped(node.name)}<br>${escaped(node.word)}${node.depth ? ` · ${word("layer")} ${node.depth}` : ""}${there}${node.held ? `<br>${escaped(node.held)}` : ""}`;
        },
      },
      series: [
        {
          type: "sankey",
          left: 8,
          right: LEAST_WIDTH - 20,
          top: 12,
          bottom: 12,
          nodeWidth: 14,
          nodeGap: 30,
          draggable: false,
          layoutIterations: 48,
          emphasis: { focus: "adjacency" },
          label: {
            color: ink,
            fontSize: 12,
            lineHeight: 15,
            formatter: (shown: { data: unknown }) => {
              const node = byId.get((shown.data as Node).id);
              if (!node) return "";
              const mark = node.held ? ` ■ ${node.held}` : "";
              return node.there ? `${node.name}${mark}\n{there|${drawing.words["there"]} ${yuan(node.there)}}` : `${node.name}${mark}`;
            },
            rich: { there: { color: colour("urgent"), fontWeight: "bold", fontSize: 12, lineHeight: 15 } },
          },
          data: drawing.nodes.map((node) => ({
            ...node,
            name: node.id,
            itemStyle: {
              color: node.there ? colour("urgent") : fills[node.kind],
              borderWidth: 0,
              ...(node.there && !node.held ? { shadowBlur: 14, shadowColor: colour("urgent") } : {}),
            },
          })),
          links: drawing.links.map((link) => ({
            ...link,
            lineStyle: link.certain ? { color: colour("line-strong"), opacity: 0.45, curveness: 0.5 } : { color: lines, opacity: 0.9, curveness: 0.5 },
          })),
        },
      ],
    });
    box.dataset["drawn"] = "yes";
  }
  document.querySelector("[data-save]")?.addEventListener("click", () => {
    if (!chart) return;
    const link = document.createElement("a");
    link.href = chart.getDataURL({ type: "png", pixelRatio: 2, backgroundColor: colour("surface") });
    link.download = "trace.png";
    link.click();
  });
  new ResizeObserver(() => chart?.resize()).observe(box);
  onTheme(draw);
  draw();
}
