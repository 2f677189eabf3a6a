// County polygons; on a task's page the town and its station with the way between, on the wall the open tasks by county.
import { EffectScatterChart, LinesChart, MapChart, ScatterChart } from "echarts/charts";
import { GeoComponent, TooltipComponent, VisualMapComponent } from "echarts/components";
import { init, registerMap, use, type EChartsType } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { colour, font } from "./colours";
import { around, middle, place, width, type Side } from "./placing";
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

interface Shape {
  properties: { name: string; cp?: [number, number] };
  geometry: { type: string; coordinates: unknown };
}
/** Where the name of each county stands. */
const middles = new Map<string, [number, number]>();

/** The city's polygons, fetched once a page. */
function counties(url: string): Promise<void> {
  const there = known.get(url) ?? json<GeoJSON & { features: Shape[] }>(url).then((shapes) => {
    for (const { properties, geometry } of shapes.features) {
      properties.cp = middle(geometry);
      middles.set(properties.name, properties.cp);
    }
    registerMap("counties", shapes);
  });
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
          n: { fontSize: size, color: colour("ink"), textBorderColor: colour("wall-ground"), textBorderWidth: size * 0.2, lineHeight: size * 1.3 },
          v: { fontSize: size * 1.75, fontWeight: 700, color: colour("ink"), textBorderColor: colour("wall-ground"), textBorderWidth: size * 0.25, lineHeight: size * 2.1 },
        },
      },
    },
    series: [
      { type: "map", map: "counties", geoIndex: 0, data: rows.map((row) => ({ name: row.name, value: row.value })) },
    ],
  } as unknown as Option);
  chart.setOption({ series: [{}, { type: "scatter", coordinateSystem: "geo", z: 5, data: marks(chart, rows, seats, size) }] } as unknown as Option);
}

/** Every seat as a mark: a ring without open tasks, a disc that grows with them, a square if one is urgent; the worst
 * with their names, where they cover no other. */
function marks(chart: EChartsType, rows: County[], seats: Seat[], size: number): object[] {
  const pixel = (lng: number, lat: number): [number, number] => chart.convertToPixel("geo", [lng, lat]) as [number, number];
  const diameter = (one: Seat): number => (one.value ? Math.min(size * 1.5, size * (0.7 + 0.12 * one.value)) : size * 0.5);
  const worst = seats.filter((one) => one.value).sort((a, b) => b.urgent - a.urgent || b.value - a.value).slice(0, LABELLED);
  const names = rows.flatMap(({ name, short, value }) => {
    const at = middles.get(name);
    return at ? [around(...pixel(...at), Math.max(width(short, size), width(String(value), size * 1.75)), size * 3.4)] : [];
  });
  const busy = seats.filter((one) => one.value).map((one) => around(...pixel(one.lng, one.lat), diameter(one), diameter(one)));
  const named = worst.map((one) => {
    const [x, y] = pixel(one.lng, one.lat);
    return { x, y, radius: diameter(one) / 2, text: `${one.name} ${one.value}` };
  });
  const whole = { left: 0, top: 0, width: chart.getWidth(), height: chart.getHeight() };
  const placed = place(named, size * 0.85, [...names, ...busy], whole);
  const sides = new Map<Seat, Side | undefined>(worst.map((one, number) => [one, placed[number]]));
  return seats.map((one) => ({
    name: one.name,
    code: one.code,
    value: [one.lng, one.lat],
    symbol: one.urgent ? "rect" : "circle",
    symbolSize: diameter(one),
    itemStyle: one.value
      ? { opacity: 1, color: colour(one.urgent ? "urgent" : "opened"), borderColor: colour("wall-ground"), borderWidth: size * 0.1 }
      : { opacity: 1, color: colour("wall-ground"), borderColor: colour("ink"), borderWidth: Math.max(1, size * 0.08) },
    label: {
      show: sides.get(one) !== undefined,
      formatter: `${one.name} ${one.value}`,
      position: sides.get(one) ?? "right",
      color: colour("ink"),
      fontSize: size * 0.85,
      fontFamily: font(),
      textBorderColor: colour("wall-ground"),
      textBorderWidth: size * 0.2,
    },
  }));
}
