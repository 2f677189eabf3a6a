// The wall display: figures change once and softly; nothing on it names a person.
import { BarChart } from "echarts/charts";
import { GridComponent } from "echarts/components";
import { init, use, type EChartsType } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { colour, font, onTheme } from "../alerts/colours";
import { drawCounties } from "../alerts/map";
import { part } from "../alerts/server";
import { drawClocks, serverNow } from "../clocks";
import { onLive } from "../live";

use([BarChart, GridComponent, CanvasRenderer]);

const wall = document.querySelector<HTMLElement>("#wall");
if (wall) start(wall);

function start(wall: HTMLElement): void {
  let charts: EChartsType[] = [];
  const format = new Intl.DateTimeFormat(document.documentElement.lang, { timeZone: document.body.dataset["zone"] || "UTC", dateStyle: "medium", timeStyle: "medium", hourCycle: "h23" });

  function tick(): void {
    for (const clock of wall.querySelectorAll<HTMLElement>("[data-now]")) clock.textContent = format.format(serverNow());
  }

  async function draw(): Promise<void> {
    for (const chart of charts) chart.dispose();
    charts = [];
    const map = wall.querySelector<HTMLElement>("[data-chart=wall-map]");
    const trend = wall.querySelector<HTMLElement>("[data-chart=trend]");
    if (trend) charts.push(bars(trend));
    if (map) {
      charts.push(await drawCounties(map, wall.dataset["boundary"] ?? ""));
      map.dataset["drawn"] = "yes";
    }
    tick();
    drawClocks(wall);
  }

  const seen = new Set([...wall.querySelectorAll<HTMLElement>("[data-id]")].map((row) => row.dataset["id"]));
  let asked: ReturnType<typeof setTimeout> | undefined;
  async function again(): Promise<void> {
    try {
      wall.innerHTML = await part(wall.dataset["url"] ?? "", true);
    } catch {
      return; // the next event asks again
    }
    for (const row of wall.querySelectorAll<HTMLElement>("[data-id]")) {
      if (!seen.has(row.dataset["id"])) row.classList.add("fresh");
      seen.add(row.dataset["id"]);
    }
    await draw();
  }
  const soon = (): void => {
    asked ??= setTimeout(() => {
      asked = undefined;
      void again();
    }, 1500);
  };
  onLive("alerts", soon);
  onLive("feed", soon);
  document.body.addEventListener("live:reset", soon);
  // Letters follow the height of the screen, and names the room between them.
  let sized: ReturnType<typeof setTimeout> | undefined;
  addEventListener("resize", () => {
    clearTimeout(sized);
    sized = setTimeout(() => void draw(), 200);
  });
  setInterval(tick, 1000);
  onTheme(() => void draw());
  void draw();
}

function bars(box: HTMLElement): EChartsType {
  const points = JSON.parse(box.dataset["points"] ?? "[]") as [string, number, number][];
  const chart = init(box, null, { renderer: "canvas" });
  const size = Math.round(innerHeight * 0.013);
  chart.setOption({
    animation: false,
    textStyle: { fontFamily: font(), color: colour("ink") },
    grid: { left: size * 2.4, right: 6, top: 10, bottom: size * 1.9 },
    xAxis: { type: "category", data: points.map(([hour]) => hour), axisLabel: { color: colour("muted"), fontSize: size, interval: 5 }, axisLine: { lineStyle: { color: colour("line-strong") } }, axisTick: { show: false } },
    yAxis: { type: "value", minInterval: 1, axisLabel: { color: colour("muted"), fontSize: size }, splitLine: { lineStyle: { color: colour("wall-line") } } },
    series: [
      { type: "bar", data: points.map(([, opened]) => opened), itemStyle: { color: colour("opened") }, barGap: "10%" },
      { type: "bar", data: points.map(([, , woken]) => woken), itemStyle: { color: colour("accent") } },
    ],
  });
  return chart;
}
