// County polygons; on a task's page the town and its station with the way between, on the wall the open tasks by county.
import { EffectScatterChart, LinesChart, MapChart, ScatterChart } from "echarts/charts";
import { GeoComponent, TooltipComponent, VisualMapComponent } from "echarts/components";
import { init, registerMap, use, type EChartsType } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { colour, font } from "./colours";
import { json } from "./server";

use([MapChart, LinesChart, ScatterChart, EffectScatterChart, GeoComponent, TooltipComponent, VisualMapComponent, CanvasRenderer]);

type Option = Parameters<EChartsType["setOption"]>[0];
type GeoJSON = Parameters<typeof registerMap>[1];

interface Point {
  name: string;
  lng: number;
  lat: number;
}
interface Places {
  town: Point | null;
  station: Point | null;
}
export interface County {
  code: string;
  name: string;
  short: string;
  value: number;
  urgent: number;
}

/** The seat of a town, with its open tasks. */
export interface Seat extends Point {
  code: string;
  value: number;
  urgent: number;
}

const NARROW = 0.91; // at 24° N a degree of longitude is that much shorter than one of latitude
const known = new Map<string, Promise<void>>();

/** The city's polygons, fetched once a page. */
function counties(url: string): Promise<void> {
  const there = known.get(url) ?? json<GeoJSON>(url).then((shapes) => registerMap("counties", shapes));
  known.set(url, there);
  return there;
}

export async function drawPlaces(box: HTMLElement): Promise<EChartsType> {
  const [places] = await Promise.all([json<Places>(box.dataset["url"] ?? ""), counties(box.dataset["boundary"] ?? "")]);
  const chart = init(box, null, { renderer: "canvas" });
  const { town, station } = places;
  const label = (position: string) => ({ show: true, formatter: "{b}", position, color: colour("ink"), fontSize: 12, fontFamily: font(), textBorderColor: colour("surface"), textBorderWidth: 3 });
  const at = (point: Point | null) => (point ? [{ name: point.name, value: [point.lng, point.lat] }] : []);
  chart.setOption({
    animation: false,
    geo: {
      map: "counties",
      aspectScale: NARROW,
      roam: true,
      silent: true,
      ...(town ? { center: [town.lng, town.lat], zoom: 5 } : {}),
      itemStyle: { areaColor: colour("sunken"), borderColor: colour("line-strong") },
    },
    series: [
      { type: "lines", coordinateSystem: "geo", silent: true, data: town && station ? [{ coords: [[station.lng, station.lat], [town.lng, town.lat]] }] : [], lineStyle: { color: colour("accent"), width: 2, type: "dashed", curveness: 0.2 } },
      { type: "scatter", coordinateSystem: "geo", symbol: "rect", symbolSize: 12, data: at(station), itemStyle: { color: colour("accent") }, label: label("top") },
      { type: "scatter", coordinateSystem: "geo", symbol: "pin", symbolSize: 28, data: at(town), itemStyle: { color: colour("urgent") }, label: label("bottom") },
    ],
  } as unknown as Option);
  return chart;
}

export async function drawCounties(box: HTMLElement, boundary: string): Promise<EChartsType> {
  await counties(boundary);
  const chart = init(box, null, { renderer: "canvas" });
  const rows = JSON.parse(box.dataset["counts"] ?? "[]") as County[];
  fillCounties(chart, rows, JSON.parse(box.dataset["seats"] ?? "[]") as Seat[]);
  const page = box.dataset["rows"];
  // A county or a seat opens its rows; the table beside the map does the same for who uses keys.
  if (page) chart.on("click", ({ name, data }) => {
    const code = (data as { code?: string } | undefined)?.code ?? rows.find((row) => row.name === name)?.code;
    if (code) location.assign(`${page}?region=${code}`);
  });
  return chart;
}

const LABELLED = 8; // seats whose names are printed: more than that nobody reads

export function fillCounties(chart: EChartsType, rows: County[], seats: Seat[] = []): void {
  const most = Math.max(4, ...rows.map((row) => row.value));
  const size = Math.round(innerHeight * 0.0157);
  const short = new Map(rows.map((row) => [row.name, row]));
  chart.setOption({
    textStyle: { fontFamily: font() },
    visualMap: { show: false, seriesIndex: 0, min: 0, max: most, inRange: { color: [0, 1, 2, 3, 4].map((step) => colour(`heat-${step}`)) } },
    geo: {
      map: "counties",
      nameProperty: "name",
      aspectScale: NARROW,
      roam: false,
      layoutCenter: ["50%", "50%"],
      layoutSize: "97%",
      animationDurationUpdate: 600,
      itemStyle: { borderColor: colour("line-strong"), borderWidth: 1.2 },
      emphasis: { disabled: true },
      label: {
        show: true,
        formatter: ({ name }: { name: string }) => `{n|${short.get(name)?.short ?? name}}\n{v|${short.get(name)?.value ?? 0}}`,
        rich: {
          n: { fontSize: size, color: colour("ink"), textBorderColor: colour("wall-ground"), textBorderWidth: 3, lineHeight: size * 1.3 },
          v: { fontSize: size * 1.75, fontWeight: 700, color: colour("ink"), textBorderColor: colour("wall-ground"), textBorderWidth: 4, lineHeight: size * 2.1 },
        },
      },
    },
    series: [
      { type: "map", map: "counties", geoIndex: 0, data: rows.map((row) => ({ name: row.name, value: row.value })) },
      {
        type: "scatter",
        coordinateSystem: "geo",
        z: 5,
        labelLayout: { hideOverlap: true },
        data: marks(seats, size),
      },
    ],
  } as unknown as Option);
}

/** Every seat as a point, greater with its open tasks; urgent ones as squares in their colour, the worst with their names. */
function marks(seats: Seat[], size: number): object[] {
  const worst = new Set([...seats].filter((one) => one.value).sort((a, b) => b.urgent - a.urgent || b.value - a.value).slice(0, LABELLED));
  return seats.map((one) => ({
    name: one.name,
    code: one.code,
    value: [one.lng, one.lat],
    symbol: one.urgent ? "rect" : "circle",
    symbolSize: one.value ? Math.min(size * 1.1, size * (0.6 + 0.12 * one.value)) : size * 0.28,
    itemStyle: { color: one.urgent ? colour("urgent") : one.value ? colour("opened") : colour("muted"), borderColor: colour("wall-ground"), borderWidth: 1 },
    label: {
      show: worst.has(one),
      formatter: `${one.name} ${one.value}`,
      position: "right",
      color: colour("ink"),
      fontSize: size * 0.8,
      fontFamily: font(),
      textBorderColor: colour("wall-ground"),
      textBorderWidth: 3,
    },
  }));
}
