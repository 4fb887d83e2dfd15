// Backtests: ask for runs, follow them, and hold their results against one another.

import { get, Problem } from "/console/api.js";
import { lines } from "/console/charts.js";
import { badge, byId, element, fill, place } from "/console/dom.js";
import { clock, count, decimal, micros, microsBetween, percent, short, words } from "/console/format.js";
import { act, failed, figure, positionOf, read, reasonField, startPage, table, tell } from "/console/page.js";

startPage({ title: "Backtests" });

const kinds = { queued: "info", running: "info", completed: "ok", failed: "bad", cancelled: "off" };
const isOpen = (run) => run.status === "queued" || run.status === "running";
/// More curves are not told apart.
const most = 6;

// Chosen runs stand in the address, so that a comparison can be handed on.

let chosen = new URLSearchParams(location.search).getAll("run").slice(0, most);

function choose(id, wanted) {
  chosen = chosen.filter((one) => one !== id);
  if (wanted) chosen = [...chosen, id].slice(-most);
  const asked = new URLSearchParams(chosen.map((one) => ["run", one]));
  history.replaceState(null, "", location.pathname + (chosen.length > 0 ? `?${asked}` : ""));
  for (const box of document.querySelectorAll("input[data-run]")) box.checked = chosen.includes(box.dataset.run);
  compare();
}

// Runs

let known = [];

const runColumns = [
  { name: "run_chosen", label: "Show", cell: chooser },
  { name: "run", label: "Run", header: true, cell: (run) => element("code", { title: run.reproducibility_hash }, short(run.backtest_id, 10)) },
  { name: "run_status", label: "State", cell: (run) => badge(run.status, kinds[run.status]) },
  { name: "run_progress", label: "Progress", cell: progressOf },
  { name: "run_net_pnl", label: "Net result", end: true, value: (run) => run.summary?.net_pnl ?? null, text: (run) => decimal(run.summary?.net_pnl, 2) },
  { name: "run_trades", label: "Trades", end: true, value: (run) => run.summary?.trade_count ?? null, text: (run) => count(run.summary?.trade_count) },
  { name: "run_lane", label: "Lane", cell: (run) => words(run.lane) },
  { name: "run_by", label: "Asked by", cell: (run) => run.requested_by },
  { name: "run_at", label: "Asked at", cell: (run) => clock(run.submitted_at) },
  { name: "run_took", label: "Took", end: true, cell: (run) => micros(microsBetween(run.started_at, run.completed_at)) },
  { name: "run_end", label: "What came of it", cell: ending, wide: true },
];

function chooser(run) {
  const box = element("input", { type: "checkbox", "aria-label": `Show ${run.backtest_id}`, disabled: run.status !== "completed", data: { run: run.backtest_id } });
  box.checked = chosen.includes(run.backtest_id);
  box.addEventListener("change", () => choose(run.backtest_id, box.checked));
  return box;
}

/// Kept where it is: what is inside moves by itself.
const bars = new Map();

function progressOf(run) {
  if (!isOpen(run)) {
    bars.delete(run.backtest_id);
    return run.status === "completed" ? "done" : "–";
  }
  let bar = bars.get(run.backtest_id);
  if (!bar) {
    bar = element("div", { class: "progress" },
      element("progress", { "aria-label": `Progress of ${run.backtest_id}` }), element("span", { class: "muted" }, "waits"));
    bars.set(run.backtest_id, bar);
  }
  return bar;
}

function ending(run) {
  if (isOpen(run)) return element("button", { type: "button", class: "quiet", onclick: () => cancel(run) }, "Cancel…");
  if (run.status === "completed") return "";
  return [run.failure_taxonomy && words(run.failure_taxonomy), run.reason].filter(Boolean).join(": ") || "–";
}

function showRuns(rows) {
  known = rows;
  table(byId("runs-table"), runColumns, rows, {
    label: "Table of runs", key: (run) => run.backtest_id, empty: "No run was asked for." });
}

async function list() {
  const status = byId("run-status").value;
  const before = new Map(known.map((run) => [run.backtest_id, run.status]));
  await read(byId("runs"), `/trading/lean/backtests?limit=50${status ? `&status=${status}` : ""}`, showRuns);
  const ended = known.filter((run) => run.status === "completed" && before.has(run.backtest_id) && before.get(run.backtest_id) !== "completed");
  for (const run of ended) tell(`The run ${short(run.backtest_id, 10)} has a result.`, "ok");
  // The first that is there to be looked at is looked at.
  if (chosen.length === 0 && before.size === 0) {
    const first = known.find((run) => run.status === "completed");
    if (first) choose(first.backtest_id, true);
  } else if (ended.length > 0) choose(ended[0].backtest_id, true);
}

/// How far the runner is with what is under way, as it says itself.
async function follow() {
  await Promise.all(known.filter(isOpen).map(async (run) => {
    const bar = bars.get(run.backtest_id);
    if (!bar) return;
    const [shown, said] = bar.children;
    try {
      const { body } = await get(`/trading/lean/backtests/${encodeURIComponent(run.backtest_id)}/progress`);
      const { phase, done, total } = body.progress ?? {};
      if (total > 0) {
        shown.max = total;
        shown.value = done;
      } else shown.removeAttribute("value");
      bar.dataset.phase = phase ?? body.status;
      fill(said, phase ? `${words(phase)} ` : words(body.status), phase && total > 0
        ? figure(element("span"), "progress_done", done, { text: `${count(done)} of ${count(total)}` }) : null);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      said.textContent = problem.status === 404 ? "not at the runner yet" : problem.text;
    }
  }));
}

async function cancel(run) {
  const answer = await act({
    title: "Cancel this run", danger: true,
    text: `${run.backtest_id}: the runner is told to stop it. A run that waits is over at once, one that is under way soon.`,
    fields: [reasonField], confirm: "Cancel the run",
    path: `/trading/lean/backtests/${encodeURIComponent(run.backtest_id)}/cancel`,
    done: "The runner was told to stop it.",
  });
  if (answer) await list();
}

// Results

const metrics = [
  ["net_pnl", "Net result", 2], ["gross_pnl", "Gross", 2], ["total_cost", "Costs", 2], ["cost_bps", "Costs, bps", 2],
  ["max_drawdown", "Largest fall", 2], ["max_drawdown_ratio", "Largest fall, part", "percent"],
  ["trade_count", "Trades", 0], ["winning_trades", "Won", 0], ["fill_count", "Fills", 0],
  ["turnover_notional", "Turnover", 2], ["time_in_market", "In the market", "percent"],
  ["initial_cash", "Money at the start", 2], ["final_equity", "Equity at the end", 2],
];

const resultColumns = [
  { name: "result_run", label: "Run", header: true, cell: (run) => element("code", { title: run.backtest_id }, short(run.backtest_id, 10)) },
  ...metrics.map(([name, label, form]) => ({
    name: `result_${name}`, label, end: true,
    value: (run) => run.result?.summary?.[name] ?? null,
    text: (run) => {
      const value = run.result?.summary?.[name];
      return form === "percent" ? percent(value) : form === 0 ? count(value) : decimal(value, form);
    },
  })),
];

let turn = 0;
let comparedAt = 0;
/// Curves that were read: what a run has come to does not change.
const curves = new Map();

/// All that is chosen, and nothing of what was chosen before.
async function compare() {
  turn += 1;
  const own = turn;
  comparedAt = performance.now();
  const found = await Promise.all(chosen.map(one));
  if (own !== turn) return;
  const runs = found.filter((run) => run.body);
  table(byId("compare-table"), resultColumns, runs.map((run) => run.body), {
    label: "Table of results", key: (run) => run.backtest_id, empty: "No run is chosen." });
  positionOf(byId("compare"), runs[0]?.position, runs[0]?.path);
  place(byId("details-list"), runs.length === 0 ? [element("p", { class: "muted" }, "No run is chosen.")] : runs.map(kept));
  draw(runs);
  fill(byId("curves-notes"), found.filter((run) => run.problem).map((run) =>
    element("p", { class: "problem", role: "status" }, `${short(run.id, 10)}: ${run.problem}`)));
}

/// A run with its curve, or why there is none.
async function one(id) {
  const path = `/trading/lean/backtests/${encodeURIComponent(id)}`;
  const found = { id, path, body: null, position: null, curve: null, problem: null };
  try {
    const answer = await get(path);
    Object.assign(found, { body: answer.body, position: answer.position });
    found.curve = curves.get(id) ?? (await get(`${path}/equity`)).body;
    if (answer.body.status === "completed") curves.set(id, found.curve);
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    found.problem = found.body ? `no equity curve: ${problem.text}` : problem.text;
  }
  return found;
}

function draw(runs) {
  const drawn = runs.filter((run) => run.curve && run.curve.points.length > 0);
  byId("curves").dataset.read = drawn.map((run) => `${run.path}/equity`).join(" ");
  byId("curves-said").textContent = drawn.length === 0
    ? "Choose a run that has a result; choose several to compare them."
    : drawn.length === 1 ? `What the run ${short(drawn[0].id, 10)} was worth, point by point.`
      : `What ${drawn.length} runs were worth, point by point.`;
  lines(byId("curves-chart"), {
    label: "Equity over time", unit: "currency", minimum: null,
    series: drawn.map((run) => ({
      name: short(run.id, 10), points: run.curve.points.map((point) => [point.ts, point.equity]),
    })),
  });
}

const details = new Map();

/// How a run was made, made anew only when it differs: what somebody opened in it stays open.
function kept({ id, body, curve }) {
  const text = JSON.stringify([body, curve?.sha256]);
  if (details.get(id)?.text !== text) details.set(id, { text, node: detail(body, curve) });
  return details.get(id).node;
}

function detail(run, curve) {
  const artifacts = run.artifacts ?? [];
  const told = artifacts.find((file) => file.name === curve?.file)?.sha256;
  const curveState = !curve ? badge("not read", "unknown")
    : told === curve.sha256 ? badge("the file of the result", "ok") : badge("another file than the result's", "bad");
  return element("details", { class: "run", open: chosen.length === 1 },
    element("summary", {}, element("code", {}, run.backtest_id), ` ${words(run.lane)}, asked for by ${run.requested_by}, ${clock(run.submitted_at)}`),
    element("dl", { class: "pairs" },
      ...[
        ["Authority", words(run.authority_mode)],
        ["Both replays alike", run.deterministic_replay_passed === null ? "–" : badge(run.deterministic_replay_passed ? "yes" : "no", run.deterministic_replay_passed ? "ok" : "bad")],
        ["Replay hash", element("code", {}, run.replay_hash ?? "–")],
        ["Reproducibility hash", element("code", {}, run.reproducibility_hash)],
        ["Equity curve", curveState],
        ["Files", artifacts.map((file) => file.name).join(", ") || "–"],
        ["Data", (run.result?.data ?? []).map((source) => `${source.source}: ${count(source.rows)} rows`).join(", ") || "–"],
      ].flatMap(([label, value]) => [element("dt", {}, label), element("dd", {}, value)])),
    element("details", {}, element("summary", {}, "Configuration"),
      element("pre", { tabindex: 0 }, JSON.stringify(run.config, null, 2))));
}

// Asking

const field = (name) => byId(`f-${name}`).value.trim();

function written() {
  const [format, holds] = field("format").split(" ");
  const [type, version] = field("strategy").split(" ");
  const number = (name) => (/^[0-9]{1,15}$/.test(field(name)) ? Number(field(name)) : field(name));
  const source = { path: field("path"), format };
  if (holds) source.holds = holds;
  return {
    symbols: field("symbols").split(/[\s,]+/).filter(Boolean),
    timeframe_seconds: number("timeframe"),
    data: [source],
    strategies: [{ strategy_id: "console", type, version, params: { qty: field("qty") } }],
    execution: {
      spread_bps: field("spread"), slippage_bps: field("slippage"), commission_bps: field("commission"),
      latency_seed: number("seed"),
    },
    initial_cash: field("cash"),
  };
}

const config = byId("f-config");
const problem = byId("ask-problem");

/// What the fields wrote last. A text that differs was written by hand, and is left alone until it is emptied.
let last = "";

function write() {
  const text = JSON.stringify(written(), null, 2);
  const isByHand = !["", last, text].includes(config.value.trim());
  if (!isByHand) config.value = last = text;
  sayWhose(isByHand);
}

function sayWhose(isByHand) {
  const text = isByHand ? "The configuration was changed by hand: these fields change it no more. Empty it, and they write it again." : "";
  if (byId("ask-note").textContent !== text) byId("ask-note").textContent = text;
}

/// What is wrong with the form of a configuration, as far as this page must know it; the API says the rest.
function faultOf(asked) {
  if (typeof asked !== "object" || asked === null || Array.isArray(asked)) return "The configuration is no object: { … }.";
  const isList = Array.isArray(asked.symbols) && asked.symbols.every((one) => typeof one === "string");
  return isList ? null : 'The configuration needs a list of symbols: "symbols": ["AAPL"].';
}

function refuse(text) {
  problem.textContent = text ?? "";
  problem.hidden = !text;
  config.setAttribute("aria-invalid", String(Boolean(text)));
}

// The lane is asked for beside the configuration, and is no part of it.
for (const input of byId("ask-form").querySelectorAll(".fields input, .fields select:not(#f-lane)")) input.addEventListener("input", write);
config.addEventListener("input", () => {
  refuse(null);
  sayWhose(!["", last].includes(config.value.trim()));
});
config.addEventListener("change", write);

byId("ask-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  let asked;
  try {
    asked = JSON.parse(config.value);
  } catch (failure) {
    refuse(`The configuration is no JSON: ${failure.message}`);
    config.focus();
    return;
  }
  const fault = faultOf(asked);
  if (fault) {
    refuse(fault);
    config.focus();
    return;
  }
  refuse(null);
  const lane = field("lane");
  const answer = await act({
    title: "Ask for this run",
    text: `In the lane ${words(lane)}, over ${asked.symbols.join(", ") || "no symbol"}. It is written on the log under your token's name.`,
    confirm: "Ask for it",
    path: "/trading/lean/backtests?wait=5",
    body: () => ({ lane, config: asked }),
    done: (body) => (body.repeated
      ? `${short(body.backtest_id, 10)} is there already: it is ${body.status}.`
      : `${short(body.backtest_id, 10)} is asked for.`),
  });
  if (!answer) return;
  await list();
  if (answer.body.repeated && answer.body.status === "completed") choose(answer.body.backtest_id, true);
});

byId("run-status").addEventListener("change", list);
write();

/// While a run is open somebody watches it; else it is enough to look now and then.
async function watch() {
  for (;;) {
    const isWatched = document.visibilityState === "visible";
    if (isWatched) {
      try {
        await list();
        await follow();
        if (performance.now() - comparedAt > 10_000) await compare();
      } catch (failure) {
        failed(byId("runs"), failure);
      }
    }
    const pause = known.some(isOpen) ? 700 : 5_000;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

await Promise.all([compare(), watch()]);
