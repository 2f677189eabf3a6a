// The trend of one share: a line with its 95 % interval, drawn again when the theme changes.
import { LineChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";
import { init, use, type EChartsType } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { colour, font, onTheme } from "../alerts/colours";

use([LineChart, GridComponent, TooltipComponent, CanvasRenderer]);

/** Day, share in hundredths, its interval, part and whole. */
type Point = [string, number | null, number | null, number | null, number, number];

const box = document.querySelector<HTMLElement>("[data-chart=share]");
if (box) start(box);

function start(box: HTMLElement): void {
  const points = JSON.parse(box.dataset["points"] ?? "[]") as Point[];
  let chart: EChartsType | undefined;
  function draw(): void {
    chart?.dispose();
    chart = init(box, null, { renderer: "canvas" });
    const accent = colour("accent");
    const muted = colour("muted");
    const line = colour("line");
    const band = { type: "line" as const, stack: "band", symbol: "none", lineStyle: { opacity: 0 }, silent: true, tooltip: { show: false } };
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: font(), color: colour("ink") },
      grid: { left: 44, right: 12, top: 14, bottom: 28 },
      tooltip: {
        trigger: "axis",
        confine: true,
        formatter: (shown: unknown) => {
          const at = (shown as { dataIndex: number }[])[0]?.dataIndex ?? 0;
          const [day, share, low, high, part, whole] = points[at] ?? ["", null, null, null, 0, 0];
          if (share === null || low === null || high === null) return `${day}<br>–`;
          return `${day}<br><b>${share.toFixed(1)}%</b> ${part}/${whole}<br>95 %: ${low.toFixed(1)} – ${high.toFixed(1)}%`;
        },
      },
      xAxis: { type: "category", data: points.map(([day]) => day), axisLabel: { color: muted }, axisLine: { lineStyle: { color: muted } }, axisTick: { show: false } },
      yAxis: { type: "value", min: 0, max: 100, axisLabel: { color: muted, formatter: "{value}%" }, splitLine: { lineStyle: { color: line } } },
      series: [
        { ...band, data: points.map(([, , low]) => low) },
        { ...band, data: points.map(([, , low, high]) => (low === null || high === null ? null : high - low)), areaStyle: { color: accent, opacity: 0.18 } },
        { type: "line", data: points.map(([, share]) => share), lineStyle: { color: accent, width: 2 }, itemStyle: { color: accent }, symbol: "circle", symbolSize: 6, connectNulls: false },
      ],
    });
    box.dataset["drawn"] = "yes";
  }
  new ResizeObserver(() => chart?.resize()).observe(box);
  onTheme(draw);
  draw();
}
