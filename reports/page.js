// The page can be read without this script. It sorts and filters tables, and
// tells the values in figures to pointers, fingers and keys. It asks for nothing
// and keeps nothing.
"use strict";
(() => {
  const make = (name, properties) => Object.assign(document.createElement(name), properties);
  const collator = new Intl.Collator("en", {numeric: true});

  // What rows are sorted by: data-v, a number, where any cell of the column has
  // it, else the text. Cells without a value come last.
  function keysOf(rows, column) {
    const cells = rows.map(row => row.cells[column]);
    const numeric = cells.some(cell => cell && "v" in cell.dataset);
    return cells.map(cell => {
      const text = cell ? cell.textContent.trim() : "";
      if (numeric) return cell && cell.dataset.v ? Number(cell.dataset.v) : null;
      return text === "" || text === "–" ? null : text;
    });
  }

  // Where a claim has several rows, these are a tbody and stay together.
  function sortable(table) {
    const bodies = table.classList.contains("claims");
    const home = bodies ? table : table.tBodies[0];
    const original = [...(bodies ? table.tBodies : home.rows)];
    const heads = [...table.tHead.rows[0].cells];
    function order(column, direction) {
      if (direction === "none") return original;
      const keys = keysOf(original.map(unit => bodies ? unit.rows[0] : unit), column);
      const sign = direction === "ascending" ? 1 : -1;
      return original.map((unit, i) => [unit, keys[i]]).sort(([, a], [, b]) => {
        if (a === null || b === null) return (a === null) - (b === null);
        return sign * (typeof a === "number" ? a - b : collator.compare(a, b));
      }).map(([unit]) => unit);
    }
    heads.forEach((head, column) => {
      if ("nosort" in head.dataset) return;
      const button = make("button", {type: "button"});
      button.append(...head.childNodes);
      head.append(button);
      head.setAttribute("aria-sort", "none");
      button.addEventListener("click", () => {
        const next = {none: "ascending", ascending: "descending", descending: "none"}[head.getAttribute("aria-sort")];
        for (const other of heads) if (other.ariaSort) other.setAttribute("aria-sort", "none");
        head.setAttribute("aria-sort", next);
        home.append(...order(column, next));
      });
    });
  }

  // Every word must be in the text of a row's data-find columns or of a warning that
  // they name, and the verdict the chosen one.
  function filterable(box) {
    const table = document.getElementById(box.dataset.table);
    const [words, verdict, count] = box.querySelectorAll("input, select, output");
    const heads = [...table.tHead.rows[0].cells];
    const verdictAt = heads.findIndex(head => "verdict" in head.dataset);
    const number = n => n.toLocaleString("en");
    let rows = null;
    function apply() {
      rows ??= [...table.tBodies[0].rows].map(row => ({
        row, verdict: row.cells[verdictAt].textContent,
        text: [
          ...heads.map((head, i) => "find" in head.dataset ? row.cells[i].textContent : ""),
          ...[...row.querySelectorAll("a[href^='#w']")].map(a => document.getElementById(a.hash.slice(1)).textContent),
        ].join(" ").toLowerCase(),
      }));
      const wanted = words.value.toLowerCase().split(/\s+/);
      let shown = 0;
      for (const r of rows) {
        r.row.hidden = (verdict.value !== "" && r.verdict !== verdict.value) || !wanted.every(w => r.text.includes(w));
        if (!r.row.hidden) shown++;
      }
      count.value = `${number(shown)} of ${number(rows.length)} trials`;
    }
    words.addEventListener("input", apply);
    verdict.addEventListener("input", apply);
    box.hidden = false;
  }

  // One tooltip for all figures; keys are told by a live region too.
  const tip = make("div", {className: "tip", hidden: true});
  tip.setAttribute("aria-hidden", "true");
  const live = make("div", {className: "aside", id: "told"});
  live.setAttribute("aria-live", "polite");
  let here = null;

  function hide() {
    if (here) here.classList.remove("here");
    here = null;
    tip.hidden = true;
  }

  function show({area, text}) {
    if (here === area) return;
    hide();
    here = area;
    area.classList.add("here");
    tip.textContent = text;
    tip.hidden = false;
    const box = area.getBoundingClientRect();
    const most = document.documentElement.clientWidth - tip.offsetWidth - 8;
    const above = box.top - tip.offsetHeight - 8;
    tip.style.left = scrollX + Math.max(8, Math.min(most, box.left + box.width / 2 - tip.offsetWidth / 2)) + "px";
    tip.style.top = scrollY + (above < 8 ? box.bottom + 8 : above) + "px";
  }

  // The hint next to a point of the window within so many pixels: of those that
  // are equally near the smallest, then the one whose middle is nearest.
  function nearest(hints, x, y, radius) {
    let best = null;
    for (const hint of hints) {
      const b = hint.area.getBoundingClientRect();
      const away = Math.hypot(Math.max(b.left - x, 0, x - b.right), Math.max(b.top - y, 0, y - b.bottom));
      if (away > radius) continue;
      const rank = [away, Math.round(b.width * b.height), Math.hypot(b.left + b.width / 2 - x, b.top + b.height / 2 - y)];
      const differs = best ? rank.findIndex((r, i) => r !== best.rank[i]) : 0;
      if (!best || (differs >= 0 && rank[differs] < best.rank[differs])) best = {rank, hint};
    }
    return best && best.hint;
  }

  function figure(card) {
    const svg = card.querySelector("svg");
    const hints = [...card.querySelectorAll("svg g.hints > *")].map(area => {
      const title = area.querySelector("title");
      if (title) title.remove();
      return {area, text: title ? title.textContent : ""};
    });
    if (hints.length === 0) return;
    // The browser's own tooltips would stand beside ours; the SVG keeps its aria-label.
    svg.querySelector(":scope > title")?.remove();
    const help = make("span", {className: "keys", id: card.id + "-keys"});
    help.textContent = ` Point at the figure, or focus it and press the arrow keys, to read its ${hints.length} values.`;
    card.parentElement.querySelector("figcaption").append(help);
    card.setAttribute("role", "application"); // so that a screen reader passes the arrow keys on
    card.setAttribute("aria-describedby", card.getAttribute("aria-describedby") + " " + help.id);

    const point = radius => event => {
      const hint = nearest(hints, event.clientX, event.clientY, radius);
      if (hint) show(hint); else hide();
    };
    card.addEventListener("pointermove", event => { if (event.pointerType !== "touch") point(12)(event); });
    card.addEventListener("pointerdown", point(24));
    card.addEventListener("pointerleave", event => { if (event.pointerType !== "touch") hide(); });
    card.addEventListener("blur", hide);
    let at = -1;
    card.addEventListener("keydown", event => {
      const last = hints.length - 1;
      const to = {
        ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1,
        PageDown: at + 10, PageUp: at - 10, Home: 0, End: last,
      }[event.key];
      if (to === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      at = Math.max(0, Math.min(last, to));
      hints[at].area.scrollIntoView({block: "nearest", inline: "nearest"});
      show(hints[at]);
      live.textContent = hints[at].text;
    });
  }

  document.body.append(tip, live);
  document.querySelectorAll("table.sort").forEach(sortable);
  document.querySelectorAll(".filter").forEach(filterable);
  document.querySelectorAll("figure .card").forEach(figure);
  document.addEventListener("keydown", event => { if (event.key === "Escape") hide(); });
  document.addEventListener("pointerdown", event => { if (!event.target.closest("figure .card")) hide(); });

  // What is folded is printed too.
  let opened = [];
  addEventListener("beforeprint", () => {
    hide();
    opened = [...document.querySelectorAll("details:not([open])")];
    for (const d of opened) d.open = true;
  });
  addEventListener("afterprint", () => { for (const d of opened) d.open = false; });
})();
