// Arrow keys read the values of a chart: left and right the rows of its table, up and down the columns.
(() => {
  "use strict";

  const places = new WeakMap();
  const clamp = (value, most) => Math.max(0, Math.min(most, value));

  const curvesOf = (figure) => {
    const held = figure.querySelector("template[data-plot-curves]");
    const json = held && held.content.querySelector("script");
    return json ? JSON.parse(json.textContent) : [];
  };

  const read = (figure, row, column) => {
    const table = figure.querySelector("[data-plot-table]");
    const line = table.tBodies[0].rows[row];
    const cell = line.cells[column];
    const head = table.tHead.rows[0].cells[column];
    figure.querySelectorAll(".read").forEach((old) => old.classList.remove("read"));
    cell.classList.add("read");
    const words = [line.cells[0], head, cell].map((part) => part.textContent.trim());
    figure.querySelector("[data-plot-reading]").textContent = `${words[0]} ${words[1]}: ${words[2]}`;
    point(figure, row, curvesOf(figure)[column - 1]);
  };

  // The chart shows the same point, where a curve of it is the column.
  const point = (figure, row, curve) => {
    const canvas = figure.querySelector("[data-plot-canvas]");
    if (typeof Plotly === "undefined" || !canvas || !canvas.data || typeof curve !== "number") return;
    Plotly.Fx.hover(canvas, [{ curveNumber: curve, pointNumber: row }]);
  };

  document.addEventListener("keydown", (event) => {
    const reads = event.target instanceof Element && event.target.closest("[data-plot-reads]");
    if (!reads || event.target !== reads || event.ctrlKey || event.metaKey || event.altKey) return;
    const moves = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
    const far = { Home: [-Infinity, 0], End: [Infinity, 0] };
    const move = moves[event.key] || far[event.key];
    if (!move) return;
    event.preventDefault();
    const figure = reads.closest("[data-plot]");
    const rows = figure.querySelector("[data-plot-table]").tBodies[0].rows;
    if (!rows.length) return;
    const first = !places.has(reads);
    const [row, column] = places.get(reads) || [move[0] === -1 ? rows.length - 1 : 0, 1];
    const next = first && !far[event.key] ? [row, column] : [
      clamp(row + move[0], rows.length - 1),
      1 + clamp(column - 1 + move[1], rows[0].cells.length - 2),
    ];
    places.set(reads, next);
    read(figure, ...next);
  });

  document.addEventListener("focusout", (event) => {
    const reads = event.target instanceof Element && event.target.closest("[data-plot-reads]");
    if (!reads) return;
    const figure = reads.closest("[data-plot]");
    figure.querySelectorAll(".read").forEach((old) => old.classList.remove("read"));
    figure.querySelector("[data-plot-reading]").textContent = "";
    const canvas = figure.querySelector("[data-plot-canvas]");
    if (typeof Plotly !== "undefined" && canvas && canvas.data) Plotly.Fx.unhover(canvas);
  });
})();
