// The charts of a task: drawn when their part arrives, drawn again when the theme changes, gone with the part.
import type { EChartsType } from "echarts/core";
import { onTheme } from "./colours";
import { drawPlaces } from "./map";
import { drawTimeline } from "./timeline";
import { word } from "./words";

const drawn = new Map<HTMLElement, EChartsType>();
const sizes = new ResizeObserver((entries) => {
  for (const { target, contentRect } of entries) if (contentRect.width) drawn.get(target as HTMLElement)?.resize();
});

async function draw(box: HTMLElement): Promise<void> {
  try {
    const chart = box.dataset["chart"] === "map" ? await drawPlaces(box) : await drawTimeline(box);
    if (!chart) return;
    if (!box.isConnected) return chart.dispose();
    drawn.set(box, chart);
    sizes.observe(box);
    box.dataset["drawn"] = "yes";
  } catch (error) {
    box.dataset["drawn"] = "failed";
    const why = error instanceof Error ? error.message : "";
    const again = document.createElement("button");
    again.type = "button";
    again.className = "button small";
    again.textContent = word("again");
    again.addEventListener("click", () => {
      box.replaceChildren();
      delete box.dataset["drawn"];
      void draw(box);
    });
    box.replaceChildren(`${word("undrawn")} ${why} `, again);
  }
}

/** Every chart of the part is drawn; those of parts that are gone are let go. */
export function drawCharts(root: ParentNode): void {
  for (const [box, chart] of drawn) {
    if (box.isConnected) continue;
    sizes.unobserve(box);
    chart.dispose();
    drawn.delete(box);
  }
  for (const box of root.querySelectorAll<HTMLElement>("[data-chart]")) void draw(box);
}

onTheme(() => {
  for (const [box, chart] of [...drawn]) {
    chart.dispose();
    drawn.delete(box);
    void draw(box);
  }
});
