// What a browser needs at least: 5,000 circles and 10,000 lines on a canvas, drawn one by one.
const canvas = document.createElement("canvas");
canvas.width = innerWidth;
canvas.height = innerHeight;
document.body.append(canvas);
const context = canvas.getContext("2d");
const answer = await (await fetch("graph.json")).json();
const [wide, high] = [Math.max(...answer.x), Math.max(...answer.y)];
const x = answer.x.map((one) => (one / wide) * innerWidth);
const y = answer.y.map((one) => (one / high) * innerHeight);
function draw() {
  context.clearRect(0, 0, innerWidth, innerHeight);
  context.strokeStyle = "#7c8794";
  for (let edge = 0; edge < 10000; edge++) {
    context.beginPath();
    context.moveTo(x[answer.from[edge]], y[answer.from[edge]]);
    context.lineTo(x[answer.to[edge]], y[answer.to[edge]]);
    context.stroke();
  }
  context.fillStyle = "#535f6c";
  for (let node = 0; node < 5000; node++) {
    context.beginPath();
    context.arc(x[node], y[node], 3, 0, 7);
    context.fill();
  }
}
draw();
window.acts = { redraw: draw };
performance.mark("graph-drawn");
