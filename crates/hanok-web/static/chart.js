// Hover and keyboard read-out of charts: reads the points that the server put beside the picture.

const SVG = "http://www.w3.org/2000/svg";

function nearest(points, x) {
  let best = null;
  for (const point of points) if (!best || Math.abs(point[0] - x) < Math.abs(best[0] - x)) best = point;
  return best;
}

function arm(plot) {
  if (plot.dataset.armed) return;
  plot.dataset.armed = "1";
  const { x: name, lines } = JSON.parse(plot.dataset.chart);
  const output = plot.closest(".chart").querySelector(".readout");
  const steps = [...new Set(lines.flatMap((line) => line.points.map((point) => point[0])))].sort((a, b) => a - b);
  if (!steps.length) return;
  let cursor = null;
  let at = steps.length - 1;

  function show(x) {
    if (!cursor) {
      cursor = plot.appendChild(document.createElementNS(SVG, "line"));
      cursor.setAttribute("class", "cursor");
      cursor.setAttribute("y1", 0);
      cursor.setAttribute("y2", plot.getAttribute("height"));
    }
    cursor.setAttribute("x1", `${x}%`);
    cursor.setAttribute("x2", `${x}%`);
    const read = lines.map((line) => [line.name, nearest(line.points, x)]).filter(([, point]) => point);
    const step = nearest(read.map(([, point]) => point), x)[2];
    output.textContent = [`${name} ${step}`, ...read.map(([label, point]) => `${label} ${point[3]}`)].join(" · ");
  }

  function hide() {
    cursor?.remove();
    cursor = null;
    output.textContent = "";
  }

  plot.addEventListener("pointermove", (event) => {
    const box = plot.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * 100;
    const near = nearest(steps.map((step) => [step]), x)[0];
    at = steps.indexOf(near);
    show(near);
  });
  plot.addEventListener("pointerleave", hide);
  plot.addEventListener("blur", hide);
  plot.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -steps.length, End: steps.length }[event.key];
    if (!move) return;
    event.preventDefault();
    at = Math.min(Math.max(at + move, 0), steps.length - 1);
    show(steps[at]);
  });
}

const all = () => document.querySelectorAll("svg[data-chart]").forEach(arm);
document.addEventListener("patched", all);
all();
