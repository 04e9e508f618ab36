// The form of an initiative: the question of its kind first, the other folded; ticks counted.
(() => {
  "use strict";

  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // ---- what ends or what is new: without scripts both stand open
  const fold = (line, folded) => {
    const more = line.querySelector("[data-kind-more]");
    if (!more) return;
    line.querySelector("[data-kind-body]").hidden = folded;
    more.hidden = !folded;
  };
  const empty = (line) => all("textarea", line).every((field) => !field.value.trim());
  const order = (box) => {
    const kind = document.querySelector("input[name=kind]:checked");
    all("[data-kind-line]", box).forEach((line) => {
      const own = !kind || !kind.value || line.dataset.kindLine === kind.value;
      fold(line, !own && empty(line));
      if (kind && own && kind.value && line !== box.firstElementChild) box.prepend(line);
    });
  };
  all("[data-kind-lines]").forEach((box) => {
    order(box);
    document.addEventListener("change", (event) => {
      if (event.target.name === "kind") order(box);
    });
    box.addEventListener("click", (event) => {
      const more = event.target.closest("[data-kind-more]");
      if (!more) return;
      const line = more.closest("[data-kind-line]");
      fold(line, false);
      line.querySelector("textarea").focus();
    });
  });

  // ---- how many are ticked in a folded list
  const sum = (list) => {
    const place = list.querySelector("[data-tick-sum]");
    const ticked = all("input[type=checkbox]:checked", list).length;
    if (place) place.textContent = ticked ? `(${ticked})` : "";
  };
  all(".taglist").forEach((list) => {
    sum(list);
    list.addEventListener("change", () => sum(list));
  });
})();
