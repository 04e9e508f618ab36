// Thin lines from what comes first to what waits for it; without scripts the rows say it in words.
(() => {
  "use strict";

  const SVG = "http://www.w3.org/2000/svg";
  const GAP = 6;

  // The end of a row's bar on the page, or null where none is drawn; `first`: its beginning.
  const edge = (row, frame, first) => {
    const pieces = [...row.querySelectorAll(".piece")];
    const piece = first ? pieces[0] : pieces.at(-1);
    if (!piece) return null;
    const box = piece.getBoundingClientRect();
    return { x: (first ? box.left : box.right) - frame.left, y: box.top + box.height / 2 - frame.top };
  };

  const add = (svg, name, d) => {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("class", name);
    path.setAttribute("d", d);
    svg.append(path);
  };

  const connect = (svg, from, to) => {
    const out = from.x + GAP;
    const into = to.x - GAP;
    const half = from.y + (to.y > from.y ? 14 : -14);
    const way = into > out
      ? `M${from.x} ${from.y}H${out}V${to.y}H${to.x - 3}`
      : `M${from.x} ${from.y}H${out}V${half}H${into}V${to.y}H${to.x - 3}`;
    add(svg, "way", way);
    add(svg, "tip", `M${to.x} ${to.y}l-6 -4v8Z`);
  };

  const draw = (box) => {
    const svg = box.querySelector("[data-connectors]");
    const frame = box.getBoundingClientRect();
    svg.replaceChildren();
    if (!frame.width) return;
    box.querySelectorAll("[data-before]").forEach((row) => {
      row.dataset.before.split(" ").filter(Boolean).forEach((pk) => {
        const first = box.querySelector(`[data-line="${CSS.escape(pk)}"]`);
        const from = first && edge(first, frame, false);
        const to = edge(row, frame, true);
        if (from && to) connect(svg, from, to);
      });
    });
  };

  const drawAll = () => document.querySelectorAll("[data-timeline]").forEach(draw);
  const watcher = new ResizeObserver(drawAll);
  const start = () => {
    watcher.disconnect();
    document.querySelectorAll("[data-timeline]").forEach((box) => watcher.observe(box));
    drawAll();
  };
  document.addEventListener("htmx:afterSettle", start);
  document.addEventListener("toggle", drawAll, true);
  start();
})();
