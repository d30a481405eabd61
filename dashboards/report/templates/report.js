(() => {
  const dutch = document.documentElement.lang === "nl";
  const valueOf = cell => {
    const text = (cell ? cell.textContent : "").trim();
    const plain = text.replace(/[\u202f\s±<%]/g, "").replace("−", "-");
    const number = parseFloat(dutch ? plain.replace(",", ".") : plain);
    return text === "–" || text === "" ? null : /^[-+]?[\d.,]+(…|\(|$)/.test(plain) && !isNaN(number) ? number : text;
  };
  const compare = (a, b) => typeof a === "number" && typeof b === "number" ? a - b
    : String(a).localeCompare(String(b), document.documentElement.lang);
  for (const table of document.querySelectorAll("table.sortable")) {
    const heads = [...table.tHead.rows[0].cells];
    const body = table.tBodies[0];
    if (body.rows.length < 2) continue;
    heads.forEach((head, place) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const falling = head.getAttribute("aria-sort") === "ascending";
        heads.forEach(other => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", falling ? "descending" : "ascending");
        const rows = [...body.rows].map(row => [valueOf(row.cells[place]), row]);
        rows.sort(([a], [b]) => a === null || b === null ? (a === null) - (b === null) : compare(a, b) * (falling ? -1 : 1));
        body.append(...rows.map(([, row]) => row));
      });
    });
  }
  const pad = number => String(number).padStart(2, "0");
  const spell = (at, step) => {
    const day = `${at.getUTCFullYear()}-${pad(at.getUTCMonth() + 1)}-${pad(at.getUTCDate())}`;
    return step < 864e5 ? `${day.slice(5)} ${pad(at.getUTCHours())}:${pad(at.getUTCMinutes())}` : day;
  };
  const make = (name, values, text) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const key in values) made.setAttribute(key, values[key]);
    if (text) made.textContent = text;
    return made;
  };
  for (const figure of document.querySelectorAll(".zoomable")) {
    const tools = figure.querySelector(".zoom");
    const [from, to] = tools.querySelectorAll("input");
    const charts = [...figure.querySelectorAll("svg.chart")].map(svg => ({
      svg, plot: svg.querySelector(".plot"), times: svg.querySelector(".times"), whole: svg.querySelector(".times").innerHTML,
      start: +svg.dataset.from, end: +svg.dataset.to, left: +svg.dataset.left, right: +svg.dataset.right,
    }));
    const show = () => {
      let a = +from.value, b = +to.value;
      if (b - a < 10) [a, b] = a > 990 ? [990, 1000] : [a, a + 10];
      for (const { svg, plot, times, whole, start, end, left, right } of charts) {
        const high = plot.viewBox.baseVal.height, width = right - left;
        plot.setAttribute("viewBox", `${a} 0 ${b - a} ${high}`);
        for (const pin of svg.querySelectorAll("[data-x]")) {
          const x = +pin.dataset.x, y = pin.getAttribute("transform").match(/[ ,]([-\d.]+)\)/)[1];
          pin.style.display = x < a || x > b ? "none" : "";
          pin.setAttribute("transform", `translate(${left + (x - a) / (b - a) * width} ${y})`);
        }
        if (a === 0 && b === 1000) { times.innerHTML = whole; continue; }
        const ticks = width > 500 ? 6 : 3, span = (end - start) * (b - a) / 1000, first = start + (end - start) * a / 1000;
        times.replaceChildren(...Array.from({ length: ticks }, (_, place) => {
          const share = (place + .5) / ticks;
          return make("text", { x: left + share * width, y: high + 15, "text-anchor": "middle" }, spell(new Date(first + share * span), span / ticks));
        }));
      }
      const { start, end } = charts[0], at = share => spell(new Date(start + (end - start) * share / 1000), 864e5);
      tools.querySelector("output").textContent = `${at(a)} – ${at(b)}`;
    };
    const set = (a, b) => { from.value = Math.min(a, b); to.value = Math.max(a, b); show(); };
    from.addEventListener("input", show);
    to.addEventListener("input", show);
    tools.querySelector("button").addEventListener("click", () => set(0, 1000));
    for (const { plot } of charts) {
      const share = event => {
        const box = plot.ownerSVGElement.getBoundingClientRect(), scale = box.width / plot.ownerSVGElement.viewBox.baseVal.width;
        const x = (event.clientX - box.left) / scale - plot.x.baseVal.value;
        return +from.value + Math.max(0, Math.min(1, x / plot.width.baseVal.value)) * (to.value - from.value);
      };
      let begun = null;
      plot.addEventListener("pointerdown", event => { if (event.pointerType === "mouse") { begun = share(event); event.preventDefault(); } });
      addEventListener("pointerup", event => {
        if (begun !== null && Math.abs(share(event) - begun) > 10) set(begun, share(event));
        begun = null;
      });
    }
    tools.hidden = false;
  }
})();
