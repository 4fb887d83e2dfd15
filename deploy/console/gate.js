// LEAN rollout gate: how much LEAN takes, what it is held against, and whether it may go on.

import { get } from "/console/api.js";
import { badge, byId, element, fill } from "/console/dom.js";
import { bars, lines } from "/console/charts.js";
import { clock, count, decimal, percent, short, words } from "/console/format.js";
import { refreshOn } from "/console/live.js";
import { act, failed, figure, positionOf, read, reasonField, startPage, table } from "/console/page.js";
import { pairs, stats } from "/console/stats.js";

startPage({ title: "LEAN rollout gate" });

const limitNames = {
  fallback_ratio_exceeded: "Fallback ratio",
  error_rate_exceeded: "Error rate",
  parity_mismatch: "Parity drift",
  slippage_exceeded: "Slippage p95, LEAN less Alpaca",
};
const kinds = { pass: "ok", breach: "bad", inconclusive: "unknown", open: "bad", resolved: "ok" };

/// A limit's value as its kind is read: parts of one, or basis points.
function measured(breach, value) {
  if (value === null || value === undefined) return "–";
  return breach === "slippage_exceeded" ? bps(value) : percent(value);
}

function bps(value) {
  return value === null || value === undefined ? "–" : `${decimal(value, 2)} bps`;
}

function state(word) {
  return badge(words(word), kinds[word] ?? "info");
}

// The stretch that is shown: whole buckets, so that asking again soon is the same question.

const range = byId("range");

function stretch() {
  const seconds = Number(range.value);
  const { bucket, seconds: step } = range.selectedOptions[0].dataset;
  const end = Math.ceil(Date.now() / 1000 / Number(step)) * Number(step);
  const text = (moment) => new Date(moment * 1000).toISOString().replace(".000Z", "Z");
  const [since, until] = [text(end - seconds), text(end)];
  return { since, until, bounds: `since=${since}&until=${until}`, all: `since=${since}&until=${until}&bucket=${bucket}` };
}

// What the gate says now

function showGate(body) {
  const open = body.incidents;
  const broken = body.verdicts.filter((row) => row.verdict === "breach");
  const banner = byId("verdict");
  const isOff = body.state === "disabled" || body.state === "off";
  banner.dataset.kind = body.ok ? (isOff ? "warn" : "ok") : "bad";
  banner.dataset.ok = String(body.ok);
  const judging = { on: "", dry_run: " It is only recorded: a dry run.", off: " The lane is off: nothing is judged.",
    disabled: " The canary is disabled: nothing is judged." }[body.state];
  byId("verdict-h").textContent = body.ok
    ? `No limit is broken, and no incident is open.${judging}`
    : `${broken.length > 0 ? "LEAN is not within its limits." : open.length > 0 ? "An incident is open." : "Something cannot be read."}${judging}`;
  const why = [
    ...broken.map((row) => said(row)),
    ...open.map((row) =>
      element("li", { data: { incident: row.incident_key } },
        `Incident ${row.incident_key} is open since ${clock(row.opened_at)}, at worst `,
        figure(element("strong"), "incident_worst", row.worst, { text: measured(row.breach_type, row.worst) }),
        row.rolled_back ? "; LEAN was rolled back." : "; LEAN was not rolled back."),
    ),
    ...body.unread.map((text) => element("li", {}, `Cannot be read: ${text}`)),
  ];
  fill(byId("verdict-why"), why);
  table(byId("limits-table"), limitColumns, limitRows(body), { label: "Table of limits", key: (row) => row.breach_type });
  showScope(body);
  showPhases(body.rollout);
}

function said(row) {
  return element("li", { data: { breach: row.breach_type } },
    `${limitNames[row.breach_type] ?? words(row.breach_type)}: `,
    figure(element("strong"), "breach_observed", row.observed, { text: measured(row.breach_type, row.observed) }),
    " was measured, and the limit is ",
    figure(element("strong"), "breach_limit", row.threshold, { text: measured(row.breach_type, row.threshold) }),
    ".");
}

const limitColumns = [
  { name: "limit_name", label: "Limit", header: true, cell: (row) => limitNames[row.breach_type] ?? words(row.breach_type) },
  { name: "limit_verdict", label: "Verdict", cell: (row) => (row.verdict ? state(row.verdict) : badge(row.limit === null ? "no limit" : "not judged", "off")) },
  { name: "limit_observed", label: "Measured", end: true, value: (row) => row.observed, text: (row) => measured(row.breach_type, row.observed) },
  { name: "limit_threshold", label: "Limit", end: true, value: (row) => row.threshold ?? row.limit, text: (row) => measured(row.breach_type, row.threshold ?? row.limit) },
  { name: "limit_sample", label: "Sample", end: true, value: (row) => row.sample, text: (row) => count(row.sample) },
  { name: "limit_at", label: "Judged", end: true, cell: (row) => (row.evaluated_at ? clock(row.evaluated_at) : "–") },
];

function limitRows(body) {
  const last = new Map(body.verdicts.map((row) => [row.breach_type, row]));
  return body.limits.map((row) => ({ ...row, ...last.get(row.breach_type) }));
}

function showScope(body) {
  const list = (names) => (names.length === 0 ? "all" : names.join(", "));
  const lanes = Object.entries(body.lanes).filter(([name]) => name.includes("execution"));
  const kindsOfLane = { on: "ok", dry_run: "warn", off: "bad" };
  pairs(byId("scope-terms"), [
    ["Judging", badge(words(body.state), { on: "ok", dry_run: "warn" }[body.state] ?? "off")],
    ["Trading", body.mode],
    ["Asset class", body.crypto_only ? "crypto only" : "all"],
    ["Symbols", list(body.symbols)],
    ["Accounts", list(body.accounts)],
    ["Window", number("scope.window_seconds", body.window_seconds, `${count(body.window_seconds)} s`)],
    ["Minimum sample", number("scope.minimum_sample", body.minimum_sample)],
    ["Hard rollback", badge(body.hard_rollback_enabled ? "on" : "off", body.hard_rollback_enabled ? "ok" : "warn")],
    ...lanes.map(([name, mode]) => [`Lane ${words(name)}`, badge(words(mode), kindsOfLane[mode] ?? "info")]),
    ...rollback(body.last_rollback),
  ]);
}

function number(name, value, text) {
  return figure(element("span"), name, value, { text });
}

function rollback(last) {
  if (!last) return [];
  const took = last.took_seconds !== null ? `${decimal(last.took_seconds, 2)} s`
    : last.open_orders === 0 ? "nothing was open" : "not over yet";
  return [
    ["Last rollback", `${clock(last.latched_at)}, for ${last.incident_key}`],
    ["Orders it met", number("rollback.open_orders", last.open_orders)],
    ["Still waiting", number("rollback.waiting", last.waiting)],
    ["Took", number("rollback.took_seconds", last.took_seconds, took)],
  ];
}

// Rollout

const phases = ["paper", "canary", "wider"];

function showPhases(rollout) {
  const phase = rollout?.phase ?? null;
  const reached = phases.indexOf(phase);
  fill(byId("rollout-phases"), phases.map((name, index) =>
    element("li", { "aria-current": name === phase ? "step" : null, data: { state: index < reached ? "past" : index === reached ? "now" : "next" } },
      name, name === phase && rollout.is_held ? " (held)" : "")));
}

const stepColumns = [
  { name: "step", label: "Step", header: true, cell: (row) => `${row.step}: ${words(row.phase)}` },
  { name: "who", label: "By", cell: (row) => row.actor },
  { name: "when", label: "When", cell: (row) => clock(row.created_at) },
];

const showSteps = (rows) =>
  table(byId("rollout-steps"), stepColumns, rows, {
    label: "Steps of the rollout", key: (row) => row.event_id,
    empty: "No step was taken yet; torghut canary rollout takes one.",
  });

// Breaker and health

const breakerKinds = { closed: "ok", half_open: "warn", open: "bad", healthy: "ok", unhealthy: "bad", stale: "warn" };

const controlColumns = (what) => [
  { name: `${what}_name`, label: what === "breaker" ? "Adapter" : "Runner", header: true, cell: (row) => row.name },
  { name: `${what}_state`, label: "State", cell: (row) => badge(words(row.state), breakerKinds[row.state] ?? "info") },
  { name: `${what}_value`, label: what === "breaker" ? "Error rate" : "Contract", value: (row) => row.value,
    text: (row) => (row.value === null ? "–" : what === "breaker" ? percent(row.value) : row.value) },
  { name: `${what}_since`, label: "Since", cell: (row) => clock(row.changed_at) },
];

const showBreaker = (rows) =>
  table(byId("breaker-table"), controlColumns("breaker"), rows, {
    label: "Breaker of each adapter", empty: "Nothing was judged yet: LEAN is asked." });
const showHealth = (rows) =>
  table(byId("health-table"), controlColumns("health"), rows, { label: "Health of each runner", empty: "No runner was seen yet." });

// Over time

function showShare(body) {
  const { total, buckets } = body;
  stats(byId("share-stats"), [
    { label: "Orders", name: "share.orders", value: total.orders },
    { label: "By LEAN", name: "share.by_lean", value: total.by_lean, note: `${percent(total.lean_share)} of what was taken` },
    { label: "By Alpaca", name: "share.by_alpaca", value: total.by_alpaca },
    { label: "Fell back", name: "share.fell_back", value: total.fell_back, note: `of ${count(total.expected_lean)} meant for LEAN` },
    { label: "LEAN's share", name: "share.lean_share", value: total.lean_share, text: percent(total.lean_share) },
    { label: "Not taken", name: "share.not_taken", value: total.not_taken },
  ]);
  const series = [
    { name: "LEAN", values: buckets.map((row) => row.by_lean) },
    { name: "Alpaca", values: buckets.map((row) => row.by_alpaca) },
    { name: "not taken", values: buckets.map((row) => row.not_taken) },
  ];
  if (total.by_simulation > 0) series.push({ name: "simulation", values: buckets.map((row) => row.by_simulation) });
  bars(byId("share-chart"), {
    label: "Orders by route over time", categories: buckets.map((row) => clock(row.at)), series, stacked: true, unit: "orders",
  });
}

function overTime(canvas, label, unit, series) {
  lines(canvas, { label, unit, series });
}

const points = (buckets, name) => buckets.map((row) => [row.at, row[name]]);

function showFallback(body) {
  const { total, buckets } = body;
  stats(byId("fallback-stats"), [
    { label: "Measured last", name: "fallback.observed", value: total.observed, text: percent(total.observed) },
    { label: "Limit", name: "fallback.threshold", value: total.threshold, text: percent(total.threshold) },
    { label: "Worst", name: "fallback.worst", value: total.worst, text: percent(total.worst) },
    { label: "Verdicts", name: "fallback.verdicts", value: total.verdicts },
    { label: "Breaches", name: "fallback.breaches", value: total.breaches },
    { label: "Too few to say", name: "fallback.inconclusive", value: total.inconclusive, note: `below ${count(total.minimum_sample)} intents` },
  ]);
  overTime(byId("fallback-chart"), "Fallback ratio over time", "part of one", [
    { name: "fallback ratio", points: points(buckets, "observed") },
    { name: "limit of the ratio", points: points(buckets, "threshold") },
  ]);
}

let driftLimit = [];

function showDrift(body) {
  const { total, buckets } = body;
  stats(byId("drift-stats"), [
    { label: "Intents", name: "drift.intents", value: total.intents },
    { label: "Within", name: "drift.passed", value: total.passed },
    { label: "Drifted", name: "drift.drifted", value: total.drifted },
    { label: "Drift ratio", name: "drift.ratio", value: total.drift_ratio, text: percent(total.drift_ratio) },
    { label: "Inconclusive", name: "drift.inconclusive", value: total.inconclusive },
    { label: "Failed", name: "drift.failed", value: total.failed },
  ]);
  const series = [{ name: "drift ratio", points: points(buckets, "drift_ratio") }];
  if (driftLimit.length > 0) {
    series.push({ name: "as the gate measured it", points: points(driftLimit, "observed") });
    series.push({ name: "limit of the drift", points: points(driftLimit, "threshold") });
  }
  overTime(byId("drift-chart"), "Parity drift over time", "part of one", series);
}

function showSpread(body) {
  stats(byId("spread-stats"), [
    { label: "Judged", name: "spread.judged", value: body.judged },
    { label: "Allowed", name: "spread.limit_bps", value: body.parity_limit_bps, text: `± ${bps(body.parity_limit_bps)}` },
    { label: "Median", name: "spread.p50_bps", value: body.p50_bps, text: bps(body.p50_bps) },
    { label: "5th percentile", name: "spread.p05_bps", value: body.p05_bps, text: bps(body.p05_bps) },
    { label: "95th percentile", name: "spread.p95_bps", value: body.p95_bps, text: bps(body.p95_bps) },
    { label: "Average", name: "spread.average_bps", value: body.average_bps, text: bps(body.average_bps) },
  ]);
  const name = (bin) =>
    bin.from_bps === null ? `under ${bin.to_bps}` : bin.to_bps === null ? `from ${bin.from_bps}` : `${bin.from_bps} … ${bin.to_bps}`;
  bars(byId("spread-chart"), {
    label: "Differences between real and simulated fills", unit: "fills", stacked: true,
    categories: body.bins.map(name),
    series: [
      { name: "within the limit", values: body.bins.map((bin) => bin.judged - bin.drifted) },
      { name: "drift", values: body.bins.map((bin) => bin.drifted) },
    ],
  });
}

let slippageLimit = [];

function showSlippage(body) {
  const { total, buckets } = body;
  stats(byId("slippage-stats"), [
    { label: "LEAN p95", name: "slippage.lean_p95_bps", value: total.lean_p95_bps, text: bps(total.lean_p95_bps) },
    { label: "Alpaca p95", name: "slippage.alpaca_p95_bps", value: total.alpaca_p95_bps, text: bps(total.alpaca_p95_bps) },
    { label: "LEAN median", name: "slippage.lean_p50_bps", value: total.lean_p50_bps, text: bps(total.lean_p50_bps) },
    { label: "LEAN's priced orders", name: "slippage.lean_orders", value: total.lean_orders },
    { label: "Alpaca's", name: "slippage.alpaca_orders", value: total.alpaca_orders },
  ]);
  const series = [
    { name: "LEAN p95", points: points(buckets, "lean_p95_bps") },
    { name: "Alpaca p95", points: points(buckets, "alpaca_p95_bps") },
  ];
  if (slippageLimit.length > 0) {
    series.push({ name: "difference as the gate measured it", points: points(slippageLimit, "observed") });
    series.push({ name: "limit of the difference", points: points(slippageLimit, "threshold") });
  }
  overTime(byId("slippage-chart"), "Slippage over time", "basis points", series);
}

// Incidents

const incidentColumns = [
  { name: "incident", label: "Incident", header: true, cell: (row) => row.incident_key },
  { name: "incident_state", label: "State", cell: (row) => state(row.status) },
  { name: "incident_observed", label: "Measured", end: true, value: (row) => row.observed, text: (row) => measured(row.breach_type, row.observed) },
  { name: "incident_threshold", label: "Limit", end: true, value: (row) => row.threshold, text: (row) => measured(row.breach_type, row.threshold) },
  { name: "incident_rollback", label: "Rolled back", cell: (row) => (row.rollback_triggered ? "yes" : "no") },
  { name: "incident_symbols", label: "Symbols", wide: true, cell: (row) => (row.symbols ?? []).join(", ") || "–" },
  { name: "incident_opened", label: "Opened", cell: (row) => clock(row.created_at) },
  { name: "incident_end", label: "How it ended", wide: true, cell: ending },
];

function ending(row) {
  if (row.status === "open") {
    return element("button", { type: "button", onclick: () => resolve(row) }, "Resolve…");
  }
  return `${words(row.resolution)} by ${row.resolved_by}, ${clock(row.resolved_at)}: ${row.resolution_reason}`;
}

async function resolve(row) {
  const answer = await act({
    title: "Resolve this incident",
    text: `${row.incident_key}: ${measured(row.breach_type, row.observed)} was measured, and the limit is `
      + `${measured(row.breach_type, row.threshold)}. What was counted before counts no more for this limit. It enables no lane and clears no stop.`,
    fields: [
      reasonField,
      {
        name: "resolution", label: "How it ended", type: "select",
        options: [
          { value: "", label: "by whether it was rolled back" },
          { value: "rolled_back", label: "the rollout was taken back" },
          { value: "accepted", label: "accepted as it is" },
        ],
        required: false,
      },
    ],
    confirm: "Resolve",
    path: `/trading/lean/canary/incidents/${encodeURIComponent(row.incident_key)}/resolve?wait=5`,
    body: ({ reason, resolution }) => (resolution ? { reason, resolution } : { reason }),
    done: `${row.incident_key} is resolved.`,
  });
  if (answer) await Promise.all([gate(), incidents()]);
}

const showIncidents = (rows) =>
  table(byId("incidents-table"), incidentColumns, rows, {
    label: "Table of incidents", key: (row) => row.id, empty: "No incident.",
  });

const verdictColumns = [
  { name: "verdict_at", label: "Judged", header: true, cell: (row) => clock(row.created_at) },
  { name: "verdict_limit", label: "Limit", cell: (row) => limitNames[row.breach_type] ?? words(row.breach_type) },
  { name: "verdict_said", label: "Verdict", cell: (row) => state(row.verdict) },
  { name: "verdict_observed", label: "Measured", end: true, value: (row) => row.observed, text: (row) => measured(row.breach_type, row.observed) },
  { name: "verdict_threshold", label: "Limit", end: true, value: (row) => row.threshold, text: (row) => measured(row.breach_type, row.threshold) },
  { name: "verdict_sample", label: "Sample", end: true, value: (row) => row.sample },
  { name: "verdict_pending", label: "Pending", end: true, value: (row) => row.pending_total },
  { name: "verdict_window", label: "Window", cell: (row) => `${clock(row.window_start)} to ${clock(row.window_end)}${row.is_closed ? ", whole" : ""}` },
  { name: "verdict_action", label: "What followed", cell: (row) => words(row.action) },
  { name: "verdict_policy", label: "Policy", cell: (row) => element("code", { title: row.policy_hash }, short(row.policy_hash, 8)) },
];

const showVerdicts = (rows) =>
  table(byId("verdicts-table"), verdictColumns, rows, {
    label: "Table of verdicts", key: (row) => row.event_id, empty: "The gate has said nothing yet." });

// Asking

const gate = async () => {
  const path = "/trading/lean/canary";
  const answer = await read(byId("verdict"), path, showGate);
  if (answer) for (const id of ["limits", "scope"]) positionOf(byId(id), answer.position, path);
};

function incidents() {
  const status = byId("incident-status").value;
  const path = `/trading/lean/canary/incidents?limit=50${status ? `&status=${status}` : ""}`;
  return read(byId("incidents"), path, showIncidents);
}

let asked = 0;

/// As `read`, unless another stretch was asked for meanwhile.
async function readStretch(turn, group, path, show) {
  try {
    const answer = await get(path);
    if (turn !== asked) return;
    show(answer.body);
    positionOf(group, answer.position, path);
  } catch (problem) {
    if (turn === asked) failed(group, problem);
  }
}

/// A limit over time, which stands in the picture of what it limits.
function readLimit(turn, canvas, breach, bounds, keep) {
  const path = `/trading/lean/canary/limits?breach_type=${breach}&${bounds}`;
  return readStretch(turn, canvas.closest("figure"), path, (body) => keep(body.buckets));
}

async function series() {
  asked += 1;
  const turn = asked;
  const shown = stretch();
  await Promise.all([
    readLimit(turn, byId("drift-chart"), "parity_mismatch", shown.all, (found) => (driftLimit = found)),
    readLimit(turn, byId("slippage-chart"), "slippage_exceeded", shown.all, (found) => (slippageLimit = found)),
  ]);
  await Promise.all([
    readStretch(turn, byId("share"), `/trading/lean/share?${shown.all}`, showShare),
    readStretch(turn, byId("fallback"), `/trading/lean/canary/limits?breach_type=fallback_ratio_exceeded&${shown.all}`, showFallback),
    readStretch(turn, byId("drift"), `/trading/lean/shadow/drift?${shown.all}`, showDrift),
    readStretch(turn, byId("spread"), `/trading/lean/shadow/distribution?${shown.bounds}&width_bps=0.5`, showSpread),
    readStretch(turn, byId("slippage"), `/trading/lean/slippage?${shown.all}`, showSlippage),
  ]);
}

function control() {
  return Promise.all([
    read(byId("breaker"), "/trading/control/state?control=breaker", showBreaker),
    read(byId("health"), "/trading/control/state?control=runner_health", showHealth),
    read(byId("rollout"), "/trading/lean/rollout?limit=8", showSteps),
    read(byId("verdicts"), "/trading/lean/canary/verdicts?limit=16", showVerdicts),
    incidents(),
  ]);
}

/// A long stretch moves slowly, and takes long to sum up: a quarter of its step is soon enough.
let lastSeries = -Infinity;

async function seriesInTime() {
  const pace = Number(range.selectedOptions[0].dataset.seconds) * 250;
  if (performance.now() - lastSeries < pace) return;
  lastSeries = performance.now();
  await series();
}

range.addEventListener("change", series);
byId("incident-status").addEventListener("change", incidents);
refreshOn(["canary.", "control."], 1_500, () => Promise.all([gate(), control()]), { atLeast: 15_000 });
refreshOn(["canary.", "route.", "order."], 4_000, seriesInTime, { atLeast: 15_000 });
