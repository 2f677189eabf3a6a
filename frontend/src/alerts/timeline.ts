// Four lanes (calls, messages, sites, money) on one time axis, with zoom; what speaks for fraud is a filled diamond.
import { CustomChart, ScatterChart } from "echarts/charts";
import { DataZoomComponent, GridComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { init, use, type EChartsType } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { serverNow } from "../clocks";
import { colour, font } from "./colours";
import { json } from "./server";

use([CustomChart, ScatterChart, GridComponent, TooltipComponent, DataZoomComponent, MarkLineComponent, CanvasRenderer]);

interface Lane {
  code: string;
  label: string;
}
interface Happening {
  at: number;
  until: number;
  /** Whether it goes on: it lasts until now. */
  live: boolean;
  lane: string;
  text: string;
  suspicious: boolean;
  bits: number | null;
}
interface Answer {
  lanes: Lane[];
  events: Happening[];
  alerts: { at: number; level: string }[];
  zone: string;
}

/** How the canvas is laid out at a width; labels shrink on a phone. */
export async function drawTimeline(box: HTMLElement): Promise<EChartsType | null> {
  const answer = await json<Answer>(box.dataset["url"] ?? "");
  if (!answer.events.length) {
    box.hidden = true;
    return null;
  }
  const chart = init(box, null, { renderer: "canvas" });
  chart.setOption(option(answer));
  grow(box, chart, answer);
  return chart;
}

const GROWS_EVERY_MS = 1000;

/** A call that is live lasts until now, and what is drawn of it with it. */
function grow(box: HTMLElement, chart: EChartsType, answer: Answer): void {
  const live = answer.events.find((event) => event.live);
  if (!live) return;
  const timer = setInterval(() => {
    if (chart.isDisposed() || !box.isConnected) return clearInterval(timer);
    live.until = serverNow();
    const { series, xAxis } = option(answer) as { series: object[]; xAxis: object };
    chart.setOption({ xAxis, series: [series[0], {}] } as Parameters<EChartsType["setOption"]>[0]);
  }, GROWS_EVERY_MS);
}

function option(answer: Answer): Parameters<EChartsType["setOption"]>[0] {
  const ink = colour("ink");
  const muted = colour("muted");
  const time = new Intl.DateTimeFormat(document.documentElement.lang, { timeZone: answer.zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const rows = answer.lanes.map((lane) => lane.code);
  const point = (event: Happening) => ({
    value: [event.at, rows.indexOf(event.lane)],
    name: event.text,
    bits: event.bits,
    symbol: event.suspicious ? "diamond" : "circle",
    symbolSize: event.bits === null ? 9 : 9 + Math.min(9, Math.abs(event.bits) * 2),
    itemStyle: { color: event.suspicious ? colour("urgent") : muted },
  });
  const first = Math.min(...answer.events.map((event) => event.at));
  const last = Math.max(...answer.events.map((event) => event.until), ...answer.alerts.map((alert) => alert.at));
  // Half an hour before the first suspicious event is what matters; the rest is a turn of the wheel away.
  const bad = answer.events.find((event) => event.suspicious)?.at ?? first;
  const room = Math.max((last - bad) * 0.12, 120_000);
  return {
    animation: false,
    textStyle: { fontFamily: font(), color: ink },
    grid: { left: 62, right: 16, top: 22, bottom: 58 },
    tooltip: {
      confine: true,
      backgroundColor: colour("raised"),
      borderColor: colour("line"),
      textStyle: { color: ink, fontSize: 13 },
      formatter: (hit: unknown) => {
        const { name, value, data } = hit as { name: string; value: number[]; data: { bits?: number | null } };
        const line = document.createElement("div");
        line.textContent = `${time.format(value[0] ?? 0)}  ${name}${data.bits == null ? "" : `  ${data.bits > 0 ? "+" : ""}${data.bits} bit`}`;
        return line;
      },
    },
    xAxis: {
      type: "time",
      min: first - room,
      max: last + room,
      axisLine: { lineStyle: { color: colour("line-strong") } },
      axisLabel: { color: muted, hideOverlap: true, formatter: (at: number) => time.format(at) },
      splitLine: { show: true, lineStyle: { color: colour("line") } },
    },
    yAxis: {
      type: "category",
      inverse: true,
      data: answer.lanes.map((lane) => lane.label),
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: { color: ink, fontSize: 13 },
      splitLine: { show: true, lineStyle: { color: colour("line") } },
    },
    dataZoom: [
      { type: "inside", startValue: bad - room, endValue: last + room, zoomOnMouseWheel: "ctrl", filterMode: "none" },
      { type: "slider", height: 18, bottom: 6, startValue: bad - room, endValue: last + room, labelFormatter: "", borderColor: colour("line"), fillerColor: colour("accent-ground"), handleStyle: { color: colour("accent") }, moveHandleSize: 0, dataBackground: { lineStyle: { opacity: 0 }, areaStyle: { opacity: 0 } }, selectedDataBackground: { lineStyle: { opacity: 0 }, areaStyle: { opacity: 0 } }, filterMode: "none", brushSelect: false },
    ],
    series: [
      {
        type: "custom",
        data: answer.events.filter((event) => event.until > event.at).map((event) => ({ value: [event.at, event.until, rows.indexOf(event.lane)], name: event.text, suspicious: event.suspicious })),
        encode: { x: [0, 1], y: 2 },
        clip: true,
        renderItem: (params: { dataIndex: number }, api: { value(i: number): number; coord(at: number[]): number[] }) => {
          const [left = 0, y = 0] = api.coord([api.value(0), api.value(2)]);
          const [right = 0] = api.coord([api.value(1), api.value(2)]);
          const long = answer.events.filter((event) => event.until > event.at)[params.dataIndex];
          return { type: "rect", shape: { x: left, y: y - 5, width: Math.max(2, right - left), height: 10, r: 5 }, style: { fill: long?.suspicious || long?.live ? colour("urgent") : muted, opacity: long?.live ? 0.6 : 0.28 } };
        },
      },
      {
        type: "scatter",
        data: answer.events.map(point),
        markLine: {
          silent: true,
          symbol: "none",
          lineStyle: { color: colour("urgent"), type: "dashed" },
          label: { color: ink, formatter: (line: { value: number }) => time.format(line.value), position: "start", fontSize: 12 },
          data: answer.alerts.slice(0, 2).map((alert) => ({ xAxis: alert.at })),
        },
      },
    ],
  } as Parameters<EChartsType["setOption"]>[0];
}
