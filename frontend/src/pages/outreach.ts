// Registrations: the weeks so far with what is to be expected, and the counties by rate; drawn anew for another theme.
import { BarChart, LineChart, MapChart } from "echarts/charts";
import { GridComponent, MarkPointComponent, TooltipComponent, VisualMapComponent } from "echarts/components";
import { init, registerMap, use, type EChartsType } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { colour, font, onTheme } from "../alerts/colours";
import { json } from "../alerts/server";

use([BarChart, LineChart, MapChart, GridComponent, MarkPointComponent, TooltipComponent, VisualMapComponent, CanvasRenderer]);

type Option = Parameters<EChartsType["setOption"]>[0];

interface Trend {
  /** Last day, new in the week, altogether. */
  weeks: [string, number, number][];
  /** Last day, lower bound, expected, upper bound. */
  band: [string, number, number, number][];
  /** Day due, goal. */
  targets: [string, number][];
}

interface County {
  name: string;
  word: string;
  value: number;
  count: number;
  residents: number;
}

const NARROW = 0.91; // at 24° N a degree of longitude is that much shorter than one of latitude
const grouped = new Intl.NumberFormat("en");

function keepDrawn(box: HTMLElement, option: () => Option): void {
  let chart: EChartsType | undefined;
  function draw(): void {
    chart?.dispose();
    chart = init(box, null, { renderer: "canvas" });
    chart.setOption({ animation: false, textStyle: { fontFamily: font(), color: colour("ink") }, ...option() });
    box.dataset["drawn"] = "yes";
  }
  new ResizeObserver(() => chart?.resize()).observe(box);
  onTheme(draw);
  draw();
}

function trendOption(box: HTMLElement, { weeks, band, targets }: Trend): Option {
  const [accent, muted, line, ink] = [colour("accent"), colour("muted"), colour("line"), colour("ink")];
  const word = (name: string): string => box.dataset[name] ?? "";
  const known = weeks.map(([day, , total]) => [day, total]);
  const last = known.at(-1);
  const start = last ? [[last[0], last[1], last[1], last[1]] as [string, number, number, number]] : [];
  const ahead = [...start, ...band];
  const side = { type: "line" as const, symbol: "none", stack: "band", silent: true, lineStyle: { opacity: 0 }, tooltip: { show: false } };
  const shown = targets.filter(([day]) => ahead.length === 0 || day <= (ahead.at(-1)?.[0] ?? ""));
  return {
    grid: { left: 64, right: 56, top: 28, bottom: 28 },
    tooltip: { trigger: "axis", confine: true, valueFormatter: (value: unknown) => (typeof value === "number" ? grouped.format(value) : "–") },
    xAxis: { type: "time", axisLabel: { color: muted, hideOverlap: true }, axisLine: { lineStyle: { color: muted } } },
    yAxis: [
      { type: "value", scale: true, axisLabel: { color: muted, formatter: (value: number) => grouped.format(value) }, splitLine: { lineStyle: { color: line } } },
      { type: "value", axisLabel: { color: muted, formatter: (value: number) => grouped.format(value) }, splitLine: { show: false } },
    ],
    series: [
      { name: word("new"), type: "bar", yAxisIndex: 1, data: weeks.map(([day, count]) => [day, count]), itemStyle: { color: muted, opacity: 0.45 }, barMaxWidth: 10 },
      { ...side, data: ahead.map(([day, low]) => [day, low]) },
      { ...side, data: ahead.map(([day, low, , high]) => [day, high - low]), areaStyle: { color: accent, opacity: 0.18 } },
      { name: word("total"), type: "line", symbol: "none", data: known, lineStyle: { color: accent, width: 2 }, itemStyle: { color: accent } },
      {
        name: word("band"),
        type: "line",
        symbol: "none",
        data: ahead.map(([day, , mean]) => [day, mean]),
        lineStyle: { color: accent, width: 2, type: "dashed" },
        itemStyle: { color: accent },
        markPoint: { symbol: "diamond", symbolSize: 14, itemStyle: { color: ink }, label: { show: true, position: "top", color: ink, formatter: word("target") }, data: shown.map(([day, goal]) => ({ coord: [day, goal] })) },
      },
    ],
  } as unknown as Option;
}

function mapOption(rows: County[]): Option {
  const known = new Map(rows.map((row) => [row.name, row]));
  const most = Math.max(1, ...rows.map((row) => row.value));
  const least = Math.min(most - 0.1, ...rows.map((row) => row.value));
  return {
    tooltip: {
      confine: true,
      formatter: ({ name }: { name: string }) => {
        const row = known.get(name);
        return row ? `${row.word}<br><b>${row.value.toFixed(1)} %</b> ${grouped.format(row.count)} / ${grouped.format(row.residents)}` : name;
      },
    },
    visualMap: { show: false, min: least, max: most, inRange: { color: [0, 1, 2, 3, 4].map((step) => colour(`reach-${step}`)) } },
    series: [
      {
        type: "map",
        map: "counties",
        nameProperty: "name",
        aspectScale: NARROW,
        layoutCenter: ["50%", "50%"],
        layoutSize: "96%",
        selectedMode: false,
        itemStyle: { borderColor: colour("surface"), borderWidth: 1.2 },
        emphasis: { itemStyle: { areaColor: colour("accent-ground") }, label: { color: colour("ink") } },
        label: { show: true, color: colour("ink"), fontSize: 12, lineHeight: 15, textBorderColor: colour("surface"), textBorderWidth: 3, formatter: ({ name }: { name: string }) => `${known.get(name)?.word ?? name}\n${(known.get(name)?.value ?? 0).toFixed(1)} %` },
        data: rows.map((row) => ({ name: row.name, value: row.value })),
      },
    ],
  } as unknown as Option;
}

const trend = document.querySelector<HTMLElement>("[data-chart=reach-trend]");
if (trend) keepDrawn(trend, () => trendOption(trend, JSON.parse(trend.dataset["rows"] ?? "{}") as Trend));

const map = document.querySelector<HTMLElement>("[data-chart=reach-map]");
if (map) {
  const rows = JSON.parse(map.dataset["rows"] ?? "[]") as County[];
  void json<Parameters<typeof registerMap>[1]>(map.dataset["boundary"] ?? "").then((shapes) => {
    registerMap("counties", shapes);
    keepDrawn(map, () => mapOption(rows));
  });
}
