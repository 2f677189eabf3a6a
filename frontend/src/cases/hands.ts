// What pointers do on the graph: move it, come nearer with the wheel or two fingers, choose, drag a node.
import type { Net } from "./net";
import type { Scene } from "./scene";

interface Acts {
  node(node: number): void;
  edge(edge: number): void;
  dragged(node: number): void;
  over(node: number): void;
}

const STILL_PX = 4;

export function hands(box: HTMLElement, net: Net, scene: Scene, acts: Acts): void {
  const down = new Map<number, { x: number; y: number }>();
  let held = -1;
  let moved = 0;
  const at = (event: PointerEvent | WheelEvent): { x: number; y: number } => {
    const { left, top } = box.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };

  box.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    const point = at(event);
    down.set(event.pointerId, point);
    box.setPointerCapture(event.pointerId);
    const under = down.size === 1 ? scene.nodeAt(point.x, point.y) : -1;
    // A finger that lands on a node by chance moves the view; the node that is chosen it takes along.
    held = event.pointerType === "mouse" || under === scene.chosen ? under : -1;
    if (down.size === 1) moved = 0;
  });
  box.addEventListener("pointermove", (event) => {
    const point = at(event);
    const before = down.get(event.pointerId);
    if (!before) return acts.over(scene.nodeAt(point.x, point.y));
    moved += Math.hypot(point.x - before.x, point.y - before.y);
    const other = [...down].find(([id]) => id !== event.pointerId)?.[1];
    down.set(event.pointerId, point);
    if (moved < STILL_PX) return;
    if (other) {
      const wide = Math.hypot(point.x - other.x, point.y - other.y);
      // What was between the fingers stays between them: it goes along first, and grows from there.
      scene.pan((point.x - before.x) / 2, (point.y - before.y) / 2);
      scene.zoomBy(wide / (Math.hypot(before.x - other.x, before.y - other.y) || wide), (point.x + other.x) / 2, (point.y + other.y) / 2);
    } else if (held >= 0) {
      [net.x[held], net.y[held]] = scene.point(point.x, point.y);
      scene.redraw();
    } else scene.pan(point.x - before.x, point.y - before.y);
  });
  const up = (event: PointerEvent): void => {
    const point = down.get(event.pointerId);
    down.delete(event.pointerId);
    if (!point || event.type === "pointercancel") return;
    if (moved >= STILL_PX) {
      if (held >= 0) acts.dragged(held);
    } else if (!down.size) {
      const node = scene.nodeAt(point.x, point.y);
      if (node >= 0) acts.node(node);
      else {
        const edge = scene.edgeAt(point.x, point.y);
        if (edge >= 0) acts.edge(edge);
      }
    }
    held = -1;
  };
  box.addEventListener("pointerup", up);
  box.addEventListener("pointercancel", up);
  box.addEventListener("pointerleave", () => acts.over(-1));
  box.addEventListener("wheel", (event) => {
    event.preventDefault();
    const { x, y } = at(event);
    scene.zoomBy(Math.exp(-event.deltaY * (event.deltaMode ? 0.06 : 0.002)), x, y);
  }, { passive: false });
}
