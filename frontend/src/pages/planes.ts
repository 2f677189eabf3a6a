// What networks met by hour: bars that lead to their rows, drawn again when the theme or the numbers change.
import { BarChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";
import { init, use, type EChartsType } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { colour, font, onTheme } from "../alerts/colours";

use([BarChart, GridComponent, TooltipComponent, CanvasRenderer]);

/** Hour, blocked, observed, query string of the rows. */
type Point = [string, number, number, string];

const AGAIN_MS = 60_000;
let chart: EChartsType | undefined;
let drawn: HTMLElement | null = null;

function draw(): void {
  const box = document.querySelector<HTMLElement>("[data-chart=hours]");
  chart?.dispose();
  chart = undefined;
  drawn = box;
  if (!box) return;
  const points = JSON.parse(box.dataset["points"] ?? "[]") as Point[];
  const muted = colour("muted");
  const shared = { type: "bar" as const, stack: "met", barCategoryGap: "20%", cursor: "pointer" };
  chart = init(box, null, { renderer: "canvas" });
  chart.setOption({
    animation: false,
    textStyle: { fontFamily: font(), color: colour("ink") },
    grid: { left: 52, right: 8, top: 10, bottom: 26 },
    tooltip: { trigger: "axis", confine: true, axisPointer: { type: "shadow" } },
    xAxis: { type: "category", data: points.map(([hour]) => hour), axisLabel: { color: muted }, axisLine: { lineStyle: { color: muted } }, axisTick: { show: false } },
    yAxis: { type: "value", minInterval: 1, axisLabel: { color: muted }, splitLine: { lineStyle: { color: colour("line") } } },
    series: [
      { ...shared, name: box.dataset["blocked"] ?? "", data: points.map(([, blocked]) => blocked), itemStyle: { color: colour("accent") } },
      {
        ...shared,
        name: box.dataset["observed"] ?? "",
        data: points.map(([, , observed]) => observed),
        itemStyle: { color: colour("line-strong"), decal: { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 3], rotation: -Math.PI / 4, color: colour("surface") } },
      },
    ],
  });
  chart.on("click", ({ dataIndex }) => {
    const query = points[dataIndex]?.[3];
    if (query !== undefined) location.href = `${box.dataset["rows"] ?? ""}?${query}`;
  });
  new ResizeObserver(() => box.isConnected && chart?.resize()).observe(box);
  box.dataset["drawn"] = "yes";
}

// The states are asked for by themselves; what was met, once a minute while nobody is at work in it.
setInterval(() => {
  if (document.hidden || document.querySelector("#met :is(:focus, details[open])")) return;
  document.querySelector("[data-again]")?.dispatchEvent(new Event("again"));
}, AGAIN_MS);

// What was opened stays open when the states are drawn anew.
const opened = new Set<string>();
document.addEventListener(
  "toggle",
  (event) => {
    const details = event.target as HTMLDetailsElement;
    const name = details.dataset["keep"];
    if (!name || !details.isConnected) return;
    if (details.open) opened.add(name);
    else opened.delete(name);
  },
  true,
);
new MutationObserver(() => {
  for (const details of document.querySelectorAll<HTMLDetailsElement>("details[data-keep]:not([open])")) {
    if (opened.has(details.dataset["keep"] ?? "")) details.open = true;
  }
  if (document.querySelector("[data-chart=hours]") !== drawn) draw();
}).observe(document.querySelector("main") ?? document.body, { childList: true, subtree: true });
onTheme(draw);
draw();
