// What a process measures, as it says it itself: Prometheus' text format, read here.
//
// measured() -> Measures, asked of /metrics; it needs no token
// measures.samples(name) -> [{ labels, value }]; none where nothing was measured
// measures.value(name, labels) -> number or null
// measures.histogram(name, labels) -> { bounds, counts, count, sum }; the series that these labels leave open are added up
// quantile(histogram, q) -> as Prometheus' histogram_quantile reckons it; null for an empty one

import { Problem } from "/console/api.js";

const path = "/metrics";
const patience = 10_000;

export async function measured() {
  let answer;
  let text;
  try {
    answer = await fetch(path, {
      signal: AbortSignal.timeout(patience),
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
    });
    text = await answer.text();
  } catch {
    throw new Problem({ status: 0, code: "unreachable", title: "not reached", detail: `${path} was not reached.` });
  }
  if (!answer.ok) {
    throw new Problem({
      status: answer.status,
      code: "unknown",
      title: `status ${answer.status}`,
      detail: `${path} was answered with ${answer.status}.`,
    });
  }
  return new Measures(text);
}

export class Measures {
  constructor(text) {
    this.series = new Map();
    for (const line of text.split("\n")) {
      if (line === "" || line.startsWith("#")) continue;
      const sample = parsed(line);
      if (!sample) continue;
      const known = this.series.get(sample.name);
      if (known) known.push(sample);
      else this.series.set(sample.name, [sample]);
    }
  }

  samples(name, labels = {}) {
    const wanted = Object.entries(labels);
    return (this.series.get(name) ?? []).filter((one) => wanted.every(([key, value]) => one.labels[key] === value));
  }

  value(name, labels = {}) {
    const found = this.samples(name, labels);
    return found.length === 0 ? null : found[0].value;
  }

  histogram(name, labels = {}) {
    const cumulative = new Map();
    for (const one of this.samples(`${name}_bucket`, labels)) {
      const bound = number(one.labels.le);
      cumulative.set(bound, (cumulative.get(bound) ?? 0) + one.value);
    }
    const bounds = [...cumulative.keys()].sort((a, b) => a - b);
    let before = 0;
    const counts = bounds.map((bound) => {
      const own = cumulative.get(bound) - before;
      before = cumulative.get(bound);
      return own;
    });
    const added = (suffix) => this.samples(name + suffix, labels).reduce((sum, one) => sum + one.value, 0);
    return { bounds, counts, count: added("_count"), sum: added("_sum") };
  }
}

export function quantile({ bounds, counts, count }, q) {
  if (count === 0) return null;
  const rank = q * count;
  let below = 0;
  for (let at = 0; at < bounds.length; at += 1) {
    if (below + counts[at] < rank) {
      below += counts[at];
      continue;
    }
    const from = at === 0 ? 0 : bounds[at - 1];
    // Beyond the last bound nothing is known but that it is beyond it.
    if (!Number.isFinite(bounds[at])) return from;
    return counts[at] === 0 ? bounds[at] : from + ((bounds[at] - from) * (rank - below)) / counts[at];
  }
  return bounds.at(-2) ?? null;
}

const shape = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? +(\S+)/;
const label = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g;

function parsed(line) {
  const match = shape.exec(line);
  if (!match) return null;
  const labels = {};
  for (const [, name, value] of (match[2] ?? "").matchAll(label)) labels[name] = unescaped(value);
  return { name: match[1], labels, value: number(match[3]) };
}

function unescaped(text) {
  return text.replace(/\\(.)/g, (_, sign) => (sign === "n" ? "\n" : sign));
}

function number(text) {
  if (text === "+Inf") return Number.POSITIVE_INFINITY;
  return text === "-Inf" ? Number.NEGATIVE_INFINITY : Number(text);
}
