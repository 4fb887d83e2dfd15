// Charts, drawn by Chart.js from values that a page was given.
//
// lines(canvas, { label, x: "time", unit, series: [{ name, points: [[t, v]], limit? }] })
// bars(canvas, { label, categories, series: [{ name, values }], stacked, unit, across, logarithmic })
//
// Calling one again with the same canvas draws it anew. Beneath each canvas stands a table of the same values, colours
// come from the page's style, and series differ by more than by colour. `data-points` counts the points that are drawn.

import "/console/chart.min.js";
import { element, fill } from "/console/dom.js";
import { clock, moment } from "/console/format.js";

const Chart = globalThis.Chart;
const drawn = new Map();
const dashes = [[], [6, 3], [2, 3], [9, 3, 2, 3], [14, 4], [1, 2]];
const signs = ["circle", "rect", "triangle", "rectRot", "cross", "star"];
/// A table of more rows is no help to anybody: it shows the newest.
const maximumRows = 400;

/// Values over time (or over numbers, where `x` is "number").
export function lines(canvas, { label, x = "time", unit = "", series, from, to, minimum = 0 }) {
  const isTime = x === "time";
  const sets = series.map((one) => ({
    name: one.name,
    limit: one.limit ?? null,
    points: one.points
      .map(([at, value]) => ({ x: isTime ? moment(at)?.getTime() : Number(at), y: value === null ? null : Number(value) }))
      .filter((point) => Number.isFinite(point.x)),
  }));
  const all = sets.flatMap((one) => one.points.map((point) => point.x));
  const first = from === undefined ? Math.min(...all) : moment(from).getTime();
  const last = to === undefined ? Math.max(...all) : moment(to).getTime();
  const colours = palette(canvas);
  // A limit that changed over time is a series of its own, named as the others' limits are.
  const colour = (one, index) => (one.name.startsWith("limit of ") ? colours.bad : colours.series[index % colours.series.length]);
  const datasets = sets.map((one, index) => ({
    label: one.name,
    data: one.points,
    borderColor: colour(one, index),
    backgroundColor: colour(one, index),
    borderDash: dashes[index % dashes.length],
    pointStyle: signs[index % signs.length],
    pointRadius: one.points.length > 80 ? 0 : 2.5,
    pointHitRadius: 8,
    borderWidth: 1.75,
    spanGaps: false,
  }));
  sets.forEach((one, index) => {
    if (one.limit === null || one.points.length === 0) return;
    const limit = Number(one.limit);
    datasets.push({
      label: `limit of ${one.name}`,
      data: [
        { x: first, y: limit },
        { x: last, y: limit },
      ],
      borderColor: colours.bad,
      backgroundColor: colours.bad,
      borderDash: [4, 4],
      borderWidth: 1.5,
      pointRadius: 0,
      pointStyle: "line",
      order: index + 100,
    });
  });
  const scales = {
    x: {
      type: "linear",
      min: Number.isFinite(first) ? first : undefined,
      max: Number.isFinite(last) ? last : undefined,
      ...axis(colours, isTime ? (value) => timeTick(value, last - first) : undefined),
      ...(isTime ? { afterBuildTicks: (scale) => roundTicks(scale) } : {}),
    },
    y: { suggestedMin: minimum ?? undefined, ...axis(colours, undefined, unit) },
  };
  const points = sets.reduce((sum, one) => sum + one.points.filter((point) => point.y !== null).length, 0);
  if (counted(canvas, points, label)) draw(canvas, { type: "line", datasets, scales, colours, label, isTime });
  const rows = [...new Set(all)].sort((a, b) => b - a).slice(0, maximumRows);
  const bySet = sets.map((one) => new Map(one.points.map((point) => [point.x, point.y])));
  listing(canvas, label, [
    isTime ? "Time" : "At",
    ...sets.map((one) => (one.limit === null ? one.name : `${one.name} (limit ${one.limit})`)),
  ], rows.map((at) => [isTime ? clock(at) : at, ...bySet.map((values) => values.get(at) ?? "–")]), unit);
}

/// Values by name.
export function bars(canvas, { label, categories, series, stacked = false, unit = "", across = false, logarithmic = false }) {
  const colours = palette(canvas);
  const datasets = series.map((one, index) => ({
    label: one.name,
    data: one.values.map((value) => (value === null ? null : Number(value))),
    backgroundColor: colours.series[index % colours.series.length],
    borderColor: colours.surface,
    borderWidth: 1,
    borderRadius: 2,
    maxBarThickness: 36,
    pointStyle: signs[index % signs.length],
  }));
  const named = { stacked, ...axis(colours), ticks: { ...axis(colours).ticks, autoSkip: !across, maxTicksLimit: across ? undefined : 24, maxRotation: 40 } };
  const valued = logarithmic
    ? { type: "logarithmic", suggestedMin: 0.1, ...axis(colours, powers, unit ? `${unit}, each line ten times the one before` : "") }
    : { stacked, beginAtZero: true, ...axis(colours, undefined, unit) };
  const points = datasets.reduce((sum, one) => sum + one.data.filter((value) => value !== null).length, 0);
  if (counted(canvas, points, label)) {
    draw(canvas, {
      type: "bar",
      datasets,
      labels: categories,
      scales: across ? { x: valued, y: named } : { x: named, y: valued },
      colours,
      label,
      across,
    });
  }
  listing(canvas, label, ["", ...series.map((one) => one.name)],
    categories.slice(0, maximumRows).map((name, at) => [name, ...series.map((one) => one.values[at] ?? "–")]), unit);
}

/// Says how many points there are; where there is none, in words and not by an axis of nothing.
function counted(canvas, points, label) {
  canvas.dataset.points = String(points);
  const place = canvas.parentElement;
  let note = place.querySelector(":scope > .nothing");
  if (points > 0) {
    note?.remove();
    return true;
  }
  if (!note) {
    note = element("p", { class: "nothing" }, "Nothing to draw yet.");
    place.append(note);
  }
  drawn.get(canvas)?.chart.destroy();
  drawn.delete(canvas);
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `${label}: nothing yet`);
  return false;
}

function draw(canvas, { type, datasets, labels, scales, colours, label, isTime = false, across = false }) {
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", label);
  const options = {
    responsive: true,
    maintainAspectRatio: false,
    animation: false,
    normalized: true,
    indexAxis: across ? "y" : "x",
    interaction: { mode: type === "line" ? "nearest" : "index", axis: across ? "y" : "x", intersect: false },
    layout: { padding: { top: 4, right: 4 } },
    plugins: {
      legend: {
        display: datasets.length > 1,
        position: "bottom",
        align: "start",
        labels: { color: colours.muted, usePointStyle: true, boxHeight: 6, padding: 14, font: { size: 12 } },
      },
      tooltip: {
        backgroundColor: colours.text,
        titleColor: colours.surface,
        bodyColor: colours.surface,
        usePointStyle: true,
        callbacks: isTime ? { title: (items) => clock(items[0]?.parsed.x) } : {},
      },
    },
    scales,
  };
  const had = drawn.get(canvas);
  if (had && had.chart.config.type === type) {
    had.chart.data.labels = labels ?? [];
    had.chart.data.datasets = datasets;
    had.chart.options = options;
    had.chart.update("none");
  } else {
    had?.chart.destroy();
    drawn.set(canvas, { chart: new Chart(canvas, { type, data: { labels: labels ?? [], datasets }, options }) });
  }
}

/// Of a logarithmic axis only the powers of ten are named.
function powers(value) {
  return value > 0 && Number.isInteger(Math.round(Math.log10(value) * 1e6) / 1e6) ? String(value) : "";
}

function axis(colours, callback, unit = "") {
  const ticks = { color: colours.muted, font: { size: 11 }, maxTicksLimit: 8, maxRotation: 0, autoSkipPadding: 12 };
  if (callback) ticks.callback = callback;
  return {
    ticks,
    grid: { color: colours.line, borderColor: colours.line, tickLength: 4 },
    title: { display: unit !== "", text: unit, color: colours.muted, font: { size: 11 } },
  };
}

const steps = [1, 5, 10, 15, 30, 60, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400, 604_800].map((one) => one * 1000);

/// At whole minutes, hours or days of the clock here, and not more than fit.
function roundTicks(scale) {
  const room = Math.max(2, Math.floor((scale.width || 600) / 90));
  const step = steps.find((one) => (scale.max - scale.min) / one <= room) ?? steps.at(-1) * 4;
  const zone = new Date(scale.max).getTimezoneOffset() * 60_000;
  const ticks = [];
  for (let at = Math.ceil((scale.min - zone) / step) * step + zone; at <= scale.max; at += step) ticks.push({ value: at });
  if (ticks.length > 0) scale.ticks = ticks;
}

function timeTick(value, range) {
  const date = new Date(value);
  const two = (number) => String(number).padStart(2, "0");
  if (range > 2 * 86_400_000) return `${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const minute = `${two(date.getHours())}:${two(date.getMinutes())}`;
  return range < 600_000 ? `${minute}:${two(date.getSeconds())}` : minute;
}

/// The same values for whoever does not see the picture.
function listing(canvas, label, heads, rows, unit) {
  const place = canvas.closest("figure") ?? canvas.parentElement;
  let details = place.querySelector(":scope > details.values");
  if (!details) {
    details = element(
      "details",
      { class: "values" },
      element("summary", {}, "Values as a table"),
      element("div", { class: "scroll", role: "region", tabindex: 0, "aria-label": `Values of ${label}` },
        element("table", {}, element("caption", { class: "unseen" }), element("thead"), element("tbody"))),
    );
    place.append(details);
  }
  const table = details.querySelector("table");
  table.caption.textContent = unit ? `${label}, in ${unit}` : label;
  fill(table.tHead, element("tr", {}, heads.map((head, at) => element("th", { scope: "col", class: at > 0 ? "end" : null }, head || "Name"))));
  fill(table.tBodies[0], rows.map((row) =>
    element("tr", {}, row.map((cell, at) => element(at === 0 ? "th" : "td", { scope: at === 0 ? "row" : null, class: at > 0 ? "end" : null }, String(cell))))));
}

/// The colours in force where the canvas stands: a name of a colour is only that until it is asked what it comes to.
function palette(canvas) {
  const probe = element("span", { hidden: true });
  canvas.parentElement.append(probe);
  const colour = (name) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const found = {
    text: colour("text"),
    muted: colour("muted"),
    line: colour("line"),
    surface: colour("surface"),
    bad: colour("bad"),
    series: [1, 2, 3, 4, 5, 6].map((number) => colour(`series-${number}`)),
  };
  probe.remove();
  return found;
}

// Another theme has other colours. What a series is drawn in is told again by its place.
document.addEventListener("torghut-theme", () => {
  for (const [canvas, { chart }] of drawn) {
    if (!canvas.isConnected) {
      chart.destroy();
      drawn.delete(canvas);
      continue;
    }
    const colours = palette(canvas);
    chart.data.datasets.forEach((set, index) => {
      const isLimit = String(set.label).startsWith("limit of ");
      const own = isLimit ? colours.bad : colours.series[index % colours.series.length];
      set.backgroundColor = own;
      set.borderColor = chart.config.type === "bar" ? colours.surface : own;
    });
    for (const scale of Object.values(chart.options.scales)) {
      scale.ticks.color = colours.muted;
      scale.grid.color = colours.line;
      scale.grid.borderColor = colours.line;
      scale.title.color = colours.muted;
    }
    const { legend, tooltip } = chart.options.plugins;
    legend.labels.color = colours.muted;
    tooltip.backgroundColor = colours.text;
    tooltip.titleColor = colours.surface;
    tooltip.bodyColor = colours.surface;
    chart.update("none");
  }
});
