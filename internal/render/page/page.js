(() => {
  "use strict";
  const id = (name) => document.getElementById(name);
  const form = id("filter"), status = id("status"), nothing = id("nothing"), unfold = id("unfold");
  const fields = Object.fromEntries(["q", "product", "who", "risk"].filter(id).map((k) => [k, id(k)]));
  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));
  const sections = all("main > section:not(#refused):not(#rights):not(#waivers):not(#paths)");
  const words = { impact: ["effect", "effects"], removals: ["removal", "removals"], changes: ["changed line", "changed lines"],
    drift: ["line of drift", "lines of drift"], due: ["line due", "lines due"], blocked: ["blocked line", "blocked lines"] }; // other lines are notes

  // Lines are read when they are first needed: a large plan is to be seen at once.
  let items = null;
  const lower = (s) => s.toLowerCase();
  const split = (s) => (s ? s.split("\n") : []);
  const read = () => {
    items = [];
    for (const section of sections) {
      const above = new Map();
      for (const el of all(".i", section)) {
        const body = el.closest("[data-product], [data-who]"), group = el.closest("details.group");
        for (const e of [body, group]) {
          if (e && !above.has(e)) above.set(e, lower((e === body ? e.querySelector(".h") : e.querySelector("summary"))?.textContent || ""));
        }
        const who = all(".p", el).map((p) => lower(p.textContent));
        if (body?.dataset.who) who.push(lower(body.dataset.who));
        const heading = el.closest("tbody")?.querySelector(".h");
        items.push({
          el, section: section.id, who,
          text: lower(el.textContent) + " " + (body && above.get(body) || lower(heading?.textContent || "")) + " " + (group && above.get(group) || ""),
          product: split(body?.dataset.product || el.dataset.product),
          risk: split(el.dataset.risk),
        });
      }
    }
  };

  const values = () => Object.fromEntries(Object.entries(fields).map(([k, el]) => [k, el.value.trim()]));
  const active = (v) => Boolean(v.q || v.product || v.who || v.risk);
  const matches = (v) => {
    const terms = lower(v.q).split(/\s+/).filter(Boolean), who = lower(v.who);
    return (i) => terms.every((t) => i.text.includes(t)) && (!v.product || i.product.includes(v.product)) &&
      (!who || i.who.some((w) => w.includes(who))) && (!v.risk || i.risk.includes(v.risk));
  };

  // What a reader had opened is as before when the filters are cleared.
  let opened = null;
  const folds = all("details");
  const open = (filtering) => {
    if (filtering && !opened) opened = folds.map((d) => d.open);
    if (!filtering && opened) {
      folds.forEach((d, n) => { d.open = opened[n]; });
      opened = null;
    }
  };

  const show = (el, on) => { if (el.hidden === on) el.hidden = !on; };
  const filter = () => {
    const v = values(), filtering = active(v);
    if (!items && !filtering) return tell(v, null);
    if (!items) read();
    open(filtering);
    const fits = filtering ? matches(v) : () => true;
    const found = {};
    const full = new Set();
    for (const item of items) {
      const on = fits(item);
      show(item.el, on);
      const count = (found[item.section] ||= [0, 0]);
      count[1]++;
      if (!on) continue;
      count[0]++;
      for (let e = item.el.parentElement; e && e.id !== "main" && !full.has(e); e = e.parentElement) full.add(e);
    }
    for (const section of sections) {
      show(section, full.has(section) || !filtering);
      for (const e of all("tbody, .chunk, .list, details.group", section)) show(e, full.has(e) || !filtering);
      for (const h of all("tr.h:not(.i)", section)) show(h, full.has(h.parentElement) || !filtering);
      if (filtering) for (const d of all("details:not(.i details)", section)) d.open = full.has(d);
    }
    tell(v, found);
  };

  const number = (n) => n.toLocaleString("en");
  const tell = (v, found) => {
    const filtering = active(v);
    form.classList.toggle("filtered", filtering);
    if (!filtering) {
      status.textContent = "All of the plan is shown.";
      nothing.hidden = true;
      return;
    }
    const parts = [];
    let shown = 0, other = 0;
    for (const [section, [n, total]] of Object.entries(found)) {
      shown += n;
      if (!words[section]) other += n;
      else parts.push(number(n) + " of " + number(total) + " " + words[section][total === 1 ? 0 : 1]);
    }
    if (other) parts.push(number(other) + (other === 1 ? " note" : " notes"));
    const asked = Object.entries(v).filter(([, s]) => s).map(([k, s]) => ({ q: "text", product: "product", who: "principal", risk: "risk" })[k] + " “" + s + "”");
    status.textContent = (shown ? "Shown: " + parts.join(", ") : "No results") + ". Filter: " + asked.join(", ") + ".";
    nothing.hidden = shown > 0;
  };

  // The filters stand in the fragment of the address, so that a view can be shared.
  const write = () => {
    const v = values(), params = new URLSearchParams();
    for (const [k, s] of Object.entries(v)) if (s) params.set(k, s);
    const hash = active(v) ? "#" + params : location.pathname + location.search;
    try { history.replaceState(null, "", hash); } catch { /* an address that cannot change is no harm */ }
  };
  const take = () => {
    const hash = location.hash.slice(1);
    if (!hash.includes("=")) return false;
    const params = new URLSearchParams(hash);
    for (const [k, el] of Object.entries(fields)) el.value = params.get(k) || "";
    for (const el of Object.values(fields)) if (el.selectedIndex < 0) el.value = "";
    return true;
  };

  let waiting = 0;
  const changed = () => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(() => { write(); filter(); });
  };
  const clear = () => {
    for (const el of Object.values(fields)) el.value = "";
    changed();
  };
  const typing = (e) => e.isComposing || e.ctrlKey || e.metaKey || e.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(e.target.tagName);

  for (const el of Object.values(fields)) {
    el.addEventListener("input", changed);
    el.addEventListener("change", changed);
  }
  fields.who.addEventListener("focus", () => {
    const list = id("principals");
    if (list.firstChild) return;
    const names = Array.from(new Set(all("main .p").map((p) => p.textContent))).sort();
    for (const name of names.slice(0, 2000)) list.append(Object.assign(document.createElement("option"), { value: name }));
  }, { once: true });
  form.addEventListener("submit", (e) => e.preventDefault());
  id("clear").addEventListener("click", () => { clear(); fields.q.focus(); });
  id("again").addEventListener("click", () => { clear(); fields.q.focus(); });
  unfold.addEventListener("click", () => {
    const on = unfold.getAttribute("aria-pressed") !== "true";
    for (const d of folds) d.open = on;
    unfold.setAttribute("aria-pressed", String(on));
  });
  document.addEventListener("keydown", (e) => {
    if (e.key === "/" && !typing(e)) {
      e.preventDefault();
      fields.q.focus();
      fields.q.select();
    }
    if (e.key === "Escape" && !e.isComposing && (form.contains(e.target) || e.target === document.body || nothing.contains(e.target))) clear();
  });
  addEventListener("hashchange", () => {
    const target = id(location.hash.slice(1));
    if (take()) filter();
    else if (active(values())) write();
    if (target?.closest("details")) target.closest("details").open = true;
  });
  let before = null;
  addEventListener("beforeprint", () => { before = folds.map((d) => d.open); for (const d of folds) d.open = true; });
  addEventListener("afterprint", () => { if (before) folds.forEach((d, n) => { d.open = before[n]; }); before = null; });

  form.hidden = false;
  for (const el of all(".keys")) el.hidden = false;
  take();
  filter();
})();
