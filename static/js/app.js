// Small behaviours, keyed on data-*: every page works without them.
(() => {
  "use strict";

  const TOAST_MS = 10000;
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // ---- toasts: 10 seconds, as long as nobody points at or is inside them
  const arm = (toast) => {
    let timer = 0;
    const stop = () => window.clearTimeout(timer);
    const go = () => {
      stop();
      timer = window.setTimeout(() => toast.remove(), TOAST_MS);
    };
    const close = one("[data-toast-close]", toast);
    if (close) {
      close.hidden = false;
      close.addEventListener("click", () => toast.remove());
    }
    toast.addEventListener("mouseenter", stop);
    toast.addEventListener("mouseleave", () => { if (!toast.contains(document.activeElement)) go(); });
    toast.addEventListener("focusin", stop);
    toast.addEventListener("focusout", (event) => { if (!toast.contains(event.relatedTarget)) go(); });
    if (!toast.classList.contains("error")) go();
  };

  const show = ({ message, undo_url: undo, tone }) => {
    const box = one("[data-toasts]");
    const template = box && one("[data-toast-template]", box);
    if (!template) return;
    const toast = one("[data-toast]", template.content.cloneNode(true));
    one("[data-toast-text]", toast).textContent = message;
    toast.classList.toggle("error", tone === "error");
    const form = one("[data-toast-undo]", toast);
    if (undo) {
      form.action = undo;
      const next = one("input[name=next]", form);
      if (next) next.value = window.location.pathname + window.location.search;
    } else form.remove();
    all("[data-toast]", box).slice(0, -2).forEach((old) => old.remove());
    box.append(toast);
    arm(toast);
  };

  document.addEventListener("toast", (event) => show(event.detail));

  // ---- announcements of swapped parts
  const announce = (text) => {
    const voice = one("#announcer");
    if (!voice || !text) return;
    voice.textContent = "";
    window.setTimeout(() => { voice.textContent = text; }, 50);
  };
  document.addEventListener("announce", (event) => announce(event.detail.value || event.detail.message));

  // ---- error summary takes the focus, on load and after a swap
  const focusErrors = (root) => {
    const summary = one("[data-error-summary]", root);
    if (summary) summary.focus();
  };

  // ---- what a swap brings
  const wire = (root) => {
    all("[data-toast]", root).forEach(arm);
    all("[data-js-hidden]", root).forEach((element) => { element.hidden = true; });
    all("[data-js-shown]", root).forEach((element) => { element.hidden = false; });
    countTicks();
  };
  document.addEventListener("htmx:afterSettle", (event) => {
    const root = event.detail.elt;
    if (!(root instanceof Element)) return;
    const whole = root.isConnected ? root : document.body;
    wire(whole);
    focusErrors(whole);
    const spoken = whole.matches("[data-announce]") ? whole : one("[data-announce]", whole);
    if (spoken) announce(spoken.dataset.announce || spoken.textContent.trim());
  });

  // ---- signed out meanwhile: the page and what was typed stay
  document.addEventListener("htmx:responseError", (event) => {
    const { status } = event.detail.xhr;
    release(event.detail.elt);
    if (status === 401) {
      const banner = one("[data-session-banner]");
      if (banner) banner.hidden = false;
    } else show({ message: document.body.dataset.errorText || String(status), tone: "error" });
  });
  document.addEventListener("htmx:sendError", (event) => {
    release(event.detail.elt);
    show({ message: document.body.dataset.offlineText || "", tone: "error" });
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const banner = one("[data-session-banner]");
    if (banner && event.detail.xhr.status < 400) banner.hidden = true;
  });

  // ---- Enter that only ends a Japanese conversion never submits
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) event.stopPropagation();
  }, true);
  let composing = false;
  document.addEventListener("compositionstart", () => { composing = true; });
  document.addEventListener("compositionend", (event) => {
    window.setTimeout(() => {
      composing = false;
      if (asks(event.target)) event.target.dispatchEvent(new Event("input", { bubbles: true }));
    }, 0);
  });
  // A search that follows typing waits for the end of the conversion too.
  const asks = (field) => field instanceof HTMLInputElement && field.form && field.form.hasAttribute("hx-get");
  ["input", "change"].forEach((name) => document.addEventListener(name, (event) => {
    if (composing && asks(event.target)) event.stopPropagation();
  }, true));

  // ---- a form is sent once; the way back gives it back
  const release = (element) => {
    const form = element && element.closest ? element.closest("form") : null;
    (form ? [form] : all("form[data-sent]")).forEach((sent) => {
      delete sent.dataset.sent;
      all("[data-held]", sent).forEach((button) => {
        delete button.dataset.held;
        button.removeAttribute("aria-disabled");
      });
    });
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (composing) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    if (form.method !== "post") return;
    if ("sent" in form.dataset) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    if (form.hasAttribute("hx-post") || "repeat" in form.dataset) return;
    form.dataset.sent = "";
    all("button:not([type=button])", form).forEach((button) => {
      button.dataset.held = "";
      button.setAttribute("aria-disabled", "true");
    });
  }, true);
  window.addEventListener("pageshow", () => release(null));

  // ---- selects that send their form at once (without htmx attributes of their own)
  document.addEventListener("change", (event) => {
    const field = event.target.closest("[data-autosubmit]");
    if (field && field.form && !field.hasAttribute("hx-post") && !field.hasAttribute("hx-get")) field.form.requestSubmit();
    if (event.target.matches("[data-tick], [data-tick-all]")) {
      if (event.target.matches("[data-tick-all]")) {
        all("[data-tick]").forEach((tick) => { tick.checked = event.target.checked; });
      }
      countTicks();
    }
  });
  const countTicks = () => {
    const ticks = all("[data-tick]");
    const count = ticks.filter((tick) => tick.checked).length;
    ticks.forEach((tick) => {
      const row = tick.closest("tr");
      if (row) row.classList.toggle("picked", tick.checked);
    });
    all("[data-tick-count]").forEach((place) => { place.textContent = String(count); });
    all("[data-tick-bar]").forEach((bar) => { bar.hidden = count === 0; });
  };

  // ---- seconds of an update: from the first touch of the row or page to its sending
  const touched = new WeakMap();
  const opened = Date.now();
  let ticked = 0;
  const touch = (event) => {
    if (!(event.target instanceof Element)) return;
    for (let part = event.target; part; part = part.parentElement) {
      if (!touched.has(part)) touched.set(part, Date.now());
    }
  };
  document.addEventListener("pointerdown", touch, true);
  document.addEventListener("focusin", touch, true);
  const clock = (event) => {
    const form = event.target instanceof HTMLFormElement ? event.target : event.target.form;
    const field = form && form.elements && one("input[data-seconds]", form);
    if (!field) return;
    const scope = field.dataset.seconds;
    const begun = { page: opened, tick: ticked }[scope] || touched.get(form.closest(scope) || form);
    field.value = begun ? String(Math.max(1, Math.ceil((Date.now() - begun) / 1000))) : "";
  };
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-tick], [data-tick-all]")) ticked = ticked || Date.now();
    clock(event);
  }, true);
  document.addEventListener("htmx:afterSettle", (event) => touched.delete(event.detail.elt));
  document.addEventListener("submit", clock, true);

  // ---- keys: "/" goes to the search, Escape closes menus and helps
  document.addEventListener("keydown", (event) => {
    const typing = event.target instanceof Element && event.target.closest("input, select, textarea, [contenteditable]");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const search = one("input[type=search]");
      if (search) {
        event.preventDefault();
        search.focus();
        search.select();
      }
    }
    if (event.key === "Escape") {
      all("details[data-menu][open], details.help[open]").forEach((details) => {
        const inside = details.contains(document.activeElement);
        details.open = false;
        if (inside) one("summary", details).focus();
      });
    }
  });
  document.addEventListener("click", (event) => {
    all("details[data-menu][open], details.help[open]").forEach((details) => {
      if (!details.contains(event.target)) details.open = false;
    });
  });

  // ---- copy button: marks the text and, where the browser lets us, copies it
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    const source = button && document.getElementById(button.dataset.copy);
    if (!source) return;
    source.focus();
    source.select();
    try {
      if (navigator.clipboard) await navigator.clipboard.writeText(source.value);
      else if (!document.execCommand("copy")) return;
      show({ message: button.dataset.copied, undo_url: "", tone: "success" });
    } catch { /* the text stays marked for the keys of the system */ }
  });

  // ---- print button
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });

  // ---- a PC that others use too: htmx notes the address, and nothing here reads it again
  window.addEventListener("pagehide", () => {
    try { sessionStorage.removeItem("htmx-current-path-for-history"); } catch { /* not allowed */ }
  });

  wire(document.body);
  focusErrors(document.body);
})();
