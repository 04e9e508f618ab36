// Draws figure[data-plot] with Plotly from the JSON inside it; nothing is sent anywhere.
(() => {
  "use strict";

  const touch = window.matchMedia("(pointer: coarse)").matches;
  const config = {
    responsive: true,
    displaylogo: false,
    showSendToCloud: false,
    showEditInChartStudio: false,
    plotlyServerURL: "",
    scrollZoom: false,
    doubleClick: false,
    modeBarButtons: [["toImage"]],
    displayModeBar: touch ? false : "hover",
    locale: document.documentElement.lang === "ja" ? "ja" : "en",
  };

  const figures = (root) => {
    const found = [...root.querySelectorAll("figure[data-plot]")];
    if (root.matches && root.matches("figure[data-plot]")) found.push(root);
    return found;
  };

  const draw = (figure) => {
    const canvas = figure.querySelector("[data-plot-canvas]");
    // The JSON stands in a <template>: htmx takes scripts out of what it swaps, not out of templates.
    const data = figure.querySelector("template[data-plot-data]");
    const json = data && data.content.querySelector("script");
    if (!canvas || !json || typeof Plotly === "undefined") return;
    const { data: traces, layout } = JSON.parse(json.textContent);
    figure.dataset.drawn = "";
    // Before it is drawn: a chart takes its width from its place.
    const reads = canvas.closest("[data-plot-reads]");
    if (reads) reads.hidden = false;
    Plotly.react(canvas, traces, { ...layout, autosize: true }, {
      ...config,
      toImageButtonOptions: { filename: figure.id || "chart", format: "png", scale: 2 },
    }).then(() => describe(figure, canvas));
  };

  // One picture for screen readers, named by the caption; Plotly's other layers stay silent.
  const describe = (figure, canvas) => {
    canvas.querySelectorAll("svg.main-svg").forEach((svg, index) => {
      if (index === 0) {
        svg.setAttribute("role", "img");
        svg.setAttribute("aria-labelledby", `${figure.id}-title`);
        svg.setAttribute("aria-describedby", `${figure.id}-finding`);
      } else svg.setAttribute("aria-hidden", "true");
    });
  };

  const drawAll = (root) => figures(root).forEach(draw);

  const purgeAll = (root) => {
    figures(root).forEach((figure) => {
      const canvas = figure.querySelector("[data-plot-canvas]");
      if (canvas && typeof Plotly !== "undefined") Plotly.purge(canvas);
    });
  };

  const start = () => drawAll(document.body);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
  document.addEventListener("htmx:afterSwap", (event) => drawAll(event.detail.elt || event.target));
  document.addEventListener("htmx:beforeCleanupElement", (event) => {
    if (event.target instanceof Element) purgeAll(event.target);
  });
})();
