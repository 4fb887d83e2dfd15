// Decision safety: what became of decisions, how fresh the facts are, what does not fit, what waits for a person.

import { bars, lines } from "/console/charts.js";
import { badge, byId, element, fill } from "/console/dom.js";
import { ago, clock, count, micros, percent, seconds, short, words } from "/console/format.js";
import { refreshOn } from "/console/live.js";
import { measured, quantile } from "/console/metrics.js";
import { act, failed, figure, positionOf, read, reasonField, startPage, table } from "/console/page.js";
import { startQuarantine } from "/console/quarantine.js";
import { options, since, stats } from "/console/stats.js";
import { get } from "/console/api.js";

const verdicts = ["accepted", "rejected", "blocked", "unanswered"];
/// More lines in one picture are not told apart.
const shownReasons = 6;
/// How long each choice is, in seconds, and its steps; each goes on to the end of the step of now.
const spans = [
  ["900", "15 minutes", "15s"], ["3600", "hour", "1m"], ["21600", "6 hours", "5m"], ["86400", "day", "15m"], ["604800", "7 days", "1h"],
];

/// What the parts of the page learn from each other.
const known = { summary: null, measures: null, status: null, control: null, policy: null };

startPage({ title: "Decision safety" });
options(byId("span"), spans.map(([value, label]) => [value, label]), "900");
byId("span").addEventListener("change", decisions);
byId("review").addEventListener("click", hold);
byId("reviews").addEventListener("click", clear);
byId("strategies").addEventListener("click", allow);
byId("discrepancies").addEventListener("click", resolve);

refreshOn(["decision.", "intent.", "route."], 2000, decisions, { atLeast: 10_000 });
refreshOn(["order.discrepancy_found", "order.discrepancy_resolved"], 1000, discrepancies);
refreshOn(["control.symbol_review_opened", "control.symbol_review_closed"], 1000, reviews);
refreshOn(["control.strategy_enabled", "control.strategy_disabled"], 1000, strategies);
refreshOn([], 5000, facts, { atLeast: 5000 });
startQuarantine();

// Decisions

async function decisions() {
  const [length, , step] = spans.find(([value]) => value === byId("span").value);
  const from = new Date(Date.now() - Number(length) * 1000).toISOString();
  const path = `/trading/decisions/summary?since=${from}&bucket=${step}`;
  await read(byId("decisions"), path, (body, answer) => {
    known.summary = body;
    stats(byId("verdicts"), [
      { name: "decisions.total", label: "Decisions", value: body.decisions },
      ...verdicts.map((name) => ({
        name: `decisions.${name}`,
        label: name[0].toUpperCase() + name.slice(1),
        value: body[name],
        note: body.decisions > 0 ? percent(body[name] / body.decisions) : null,
      })),
      { name: "decisions.conflicted", label: "Came again with another body", value: body.conflicted },
      { name: "decisions.latest_at", label: "Latest", value: body.latest_at, text: ago(body.latest_at) },
    ]);
    byId("verdicts-step").textContent = seconds(body.bucket_seconds);
    draw(body);
    for (const id of ["reasons", "latency"]) positionOf(byId(id), answer.position, path);
    Object.assign(byId("decisions").dataset, { since: body.since, until: body.until });
    reasons(body);
    latency();
  });
}

function draw(body) {
  const name = (at) => (body.bucket_seconds < 60 ? clock(at) : body.bucket_seconds < 86_400 ? clock(at).slice(0, -3) : at.slice(0, 10));
  bars(byId("verdicts-chart"), {
    label: "Decisions by verdict over time",
    categories: body.buckets.map((one) => name(one.at)),
    series: verdicts
      .filter((verdict) => verdict !== "unanswered" || body.unanswered > 0)
      .map((verdict) => ({ name: verdict, values: body.buckets.map((one) => one[verdict]) })),
    stacked: true,
  });
  const times = body.buckets.map((one) => one.at);
  const series = body.reasons.slice(0, shownReasons).map((one) => ({
    name: `${words(one.reason)} (${one.verdict})`,
    points: times.map((at, index) => [at, one.counts[index]]),
  }));
  const none = [{ name: "none", points: times.map((at) => [at, 0]) }];
  lines(byId("reasons-chart"), {
    label: "Reasons not to send over time",
    series: series.length > 0 ? series : none,
  });
}

function reasons(body) {
  table(
    byId("reasons-table"),
    [
      { name: "reason", label: "Reason", header: true, cell: (row) => words(row.reason) },
      { name: "verdict", label: "Verdict", cell: (row) => badge(row.verdict, row.verdict === "rejected" ? "bad" : "warn") },
      { name: "reason.decisions", label: "Decisions", end: true, value: (row) => row.decisions },
      { name: "reason.first", label: "First", end: true, value: (row) => row.first },
    ],
    body.reasons,
    { label: "Reasons", key: (row) => `${row.verdict}/${row.reason}`, empty: "Every decision of this span was accepted, or there was none." },
  );
}

// Latency: what decisions say themselves, and what the program measured.

function latency() {
  const { summary, measures } = known;
  const rows = [];
  if (summary) {
    rows.push(spread("send_delay", "From a decision to its first attempt", summary.send_delay));
    rows.push(spread("quote_age", "From a quote to the decision made on it", summary.quote_age));
    figure(byId("looked"), "latency.looked_at", summary.looked_at);
  }
  if (measures) {
    const taken = measures.histogram("torghut_trading_decision_lag_seconds");
    const read = measures.histogram("torghut_commands_answer_seconds");
    rows.push(histogram("decision_lag", "From taking it in to its durable answer", taken));
    rows.push(histogram("answer", "Of that: judging and writing, a batch at a time", read));
  }
  const value = (name) => ({ name: `latency.${name}`, label: name, end: true, value: (row) => row[name], text: (row) => micros(row[name]) });
  table(
    byId("latency-table"),
    [
      { name: "what", label: "What", header: true, wide: true },
      { name: "latency.count", label: "Of", end: true, value: (row) => row.count },
      ...["p50", "p95", "p99", "max"].map(value),
    ],
    rows,
    { label: "Latency of decisions", empty: "Nothing was measured." },
  );
}

function spread(id, what, told) {
  return { id, what, count: told.count, p50: told.p50_us, p95: told.p95_us, p99: told.p99_us, max: told.max_us };
}

function histogram(id, what, told) {
  const at = (q) => {
    const found = quantile(told, q);
    return found === null ? null : Math.round(found * 1_000_000);
  };
  return { id, what, count: told.count, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: null };
}

// Freshness

async function facts() {
  const group = byId("freshness");
  try {
    const [status, control, policy, measures] = await Promise.all([
      get("/api/agents/control-plane/status"), get("/trading/control"), get("/trading/control/policy"), measured(),
    ]);
    Object.assign(known, { status: status.body, control: control.body, policy: policy.body, measures });
    positionOf(group, null, "/api/agents/control-plane/status");
    group.dataset.at = status.body.generated_at;
    freshness();
    latency();
  } catch (problem) {
    failed(group, problem);
  }
}

function freshness() {
  const { status, control, policy, measures, summary } = known;
  const setting = (name) => (policy.settings[name] === undefined ? null : Number(policy.settings[name]));
  const heldBack = (...names) =>
    summary ? summary.reasons.filter((one) => names.includes(one.reason)).reduce((sum, one) => sum + one.decisions, 0) : null;
  const account = status.partitions.filter((one) => one.role === "commands" && one.topic === "torghut.account.v1");
  const newest = account.map((one) => one.last_event_ts).filter(Boolean).sort().at(-1) ?? null;
  const stream = status.runtime_adapters.filter((one) => one.name.startsWith("stream"));
  const models = status.partitions.filter((one) => one.role === "projections");
  const round = measures.value("torghut_reconcile_lag_seconds");
  const rows = [
    {
      id: "account", what: "Account: the newest facts that decisions are judged by", at: newest,
      age: since(newest, status.generated_at), limit: setting("TRADING_ACCOUNT_FACTS_MAX_AGE_SECONDS"),
      blocked: heldBack("account_facts_missing", "account_facts_stale"),
    },
    {
      id: "control", what: "Control: when it was last read to its end", at: control.known_at,
      age: since(control.known_at, status.generated_at), limit: setting("TRADING_KILL_LEASE"),
      blocked: heldBack("control_facts_stale"),
    },
    {
      id: "decision", what: "A decision itself: the latest one", at: summary?.latest_at ?? null,
      age: since(summary?.latest_at, status.generated_at), limit: setting("TRADING_PLANNED_DECISION_TIMEOUT_SECONDS"),
      blocked: heldBack("decision_stale"), isLate: false,
    },
    {
      id: "reconciled", what: "Broker's books: when a round last ended", at: null,
      age: round !== null && Number.isFinite(round) ? round : null, limit: null, blocked: null,
    },
    ...stream.map((one) => ({
      id: one.name, what: `Broker's updates: ${one.name}`, at: one.observed_at,
      age: one.age_ms === null ? null : one.age_ms / 1000, limit: null, blocked: null, isLate: !one.available,
    })),
    {
      id: "read_models", what: "Read models: the newest record they hold",
      at: models.map((one) => one.last_event_ts).filter(Boolean).sort().at(-1) ?? null,
      age: since(models.map((one) => one.last_event_ts).filter(Boolean).sort().at(-1), status.generated_at), limit: null, blocked: null,
    },
  ];
  table(
    byId("freshness-table"),
    [
      { name: "what", label: "Fact", header: true, wide: true },
      { name: "state", label: "State", cell: state },
      { name: "freshness.age_s", label: "Age", end: true, value: (row) => row.age, text: (row) => seconds(row.age) },
      { name: "freshness.limit_s", label: "Limit", end: true, value: (row) => row.limit, text: (row) => seconds(row.limit) },
      { name: "freshness.blocked", label: "Held back for it", end: true, value: (row) => row.blocked, text: (row) => count(row.blocked) },
    ],
    rows,
    { label: "Freshness of facts" },
  );
}

function state(row) {
  if (row.isLate === true) return badge("late", "bad");
  if (row.age === null) return badge("unknown", "unknown");
  if (row.isLate === false || row.limit === null) return badge("known", "info");
  return row.age > row.limit ? badge("too old", "bad") : badge("fresh", "ok");
}

// Discrepancies

async function discrepancies() {
  const group = byId("discrepancies");
  const path = "/trading/discrepancies/summary";
  const sum = await read(group, path, (body) => {
    fill(byId("discrepancies-state"), body.open === 0 ? badge("nothing open", "ok") : badge(`${count(body.open)} open`, "bad"));
    stats(byId("discrepancies-sum"), [
      { name: "discrepancies.open", label: "Open", value: body.open },
      { name: "discrepancies.resolved", label: "Resolved", value: body.resolved },
      { name: "discrepancies.oldest_at", label: "Oldest open", value: body.oldest_found_at, text: body.oldest_found_at ? ago(body.oldest_found_at) : "none" },
    ]);
    table(
      byId("kinds-table"),
      [
        { name: "kind", label: "Kind", header: true, cell: (row) => words(row.kind) },
        { name: "kind.open", label: "Open", end: true, value: (row) => row.open },
        { name: "kind.oldest_at", label: "Oldest", end: true, value: (row) => row.oldest_found_at, text: (row) => ago(row.oldest_found_at) },
      ],
      body.kinds,
      { label: "Open discrepancies by kind", key: (row) => row.kind, empty: "What we know and what the broker says fit together." },
    );
  });
  if (!sum) return;
  const list = byId("discrepancies-list");
  list.hidden = sum.body.open === 0;
  if (list.hidden) return;
  const open = "/trading/discrepancies?status=open&limit=50";
  await read(list, open, (rows) => {
    table(
      list,
      [
        { name: "symbol", label: "Symbol", header: true },
        { name: "kind", label: "Kind", cell: (row) => words(row.kind) },
        { name: "severity", label: "Severity", cell: (row) => badge(row.severity ?? "unknown", row.severity === "critical" ? "bad" : "warn") },
        { name: "discrepancy.found_at", label: "Found", value: (row) => row.found_at, text: (row) => ago(row.found_at) },
        { name: "discrepancy.found_count", label: "Times", end: true, value: (row) => row.found_count },
        { name: "expected", label: "Expected", wide: true },
        { name: "observed", label: "Observed", wide: true },
        { name: "order", label: "Order", cell: order },
        { name: "act", label: "Decide", cell: (row) => element("button", { type: "button", data: { action: "resolve", id: row.discrepancy_id } }, "Resolve…") },
      ],
      rows,
      { caption: rows.length < sum.body.open ? `The newest ${rows.length} of ${sum.body.open}` : "Open ones", key: (row) => row.discrepancy_id },
    );
  });
}

function order(row) {
  const id = row.client_order_id ?? row.alpaca_order_id;
  return id ? element("a", { href: `/order?id=${encodeURIComponent(id)}`, class: "mono" }, short(id)) : "–";
}

async function resolve(event) {
  const button = event.target.closest("[data-action=resolve]");
  if (!button) return;
  const { id } = button.dataset;
  const answer = await act({
    title: "Resolve a discrepancy",
    text: "Say why it is as it is. When it is found again later, it opens again as another one.",
    fields: [reasonField],
    confirm: "Resolve",
    path: `/trading/discrepancies/${id}/resolve?wait=10`,
    done: (body) => body.what,
  });
  if (answer) await discrepancies();
}

// Symbols and strategies

async function reviews() {
  await read(byId("reviews"), "/trading/control/state?control=symbol_review&limit=200", (rows) => {
    table(
      byId("reviews-table"),
      [
        { name: "name", label: "Symbol", header: true },
        { name: "state", label: "State", cell: (row) => badge(row.state === "open" ? "held" : "cleared", row.state === "open" ? "warn" : "off") },
        { name: "review.since", label: "Since", value: (row) => row.effective_at, text: (row) => clock(row.effective_at) },
        { name: "actor", label: "By" },
        { name: "reason", label: "Why", wide: true },
        {
          name: "act",
          label: "Decide",
          cell: (row) => (row.state === "open" ? element("button", { type: "button", data: { action: "clear", symbol: row.name } }, "Clear…") : "–"),
        },
      ],
      [...rows].sort((a, b) => (a.state === b.state ? 0 : a.state === "open" ? -1 : 1)),
      { label: "Symbols under review", key: (row) => `${row.scope}/${row.name}`, empty: "No symbol was ever held." },
    );
    byId("reviews").dataset.open = String(rows.filter((row) => row.state === "open").length);
  });
}

async function hold() {
  const answer = await act({
    title: "Hold a symbol",
    text: "Its decisions are blocked and its intents held until a person clears it.",
    fields: [{ name: "symbol", label: "Symbol", maximum: 32 }, reasonField],
    confirm: "Hold it",
    danger: true,
    path: "/trading/control/reviews/open?wait=10",
    done: (body) => body.what,
  });
  if (answer) await reviews();
}

async function clear(event) {
  const button = event.target.closest("[data-action=clear]");
  if (!button) return;
  const { symbol } = button.dataset;
  const answer = await act({
    title: `Clear ${symbol}`,
    text: "What is held of it goes on.",
    fields: [reasonField],
    confirm: "Clear it",
    path: "/trading/control/reviews/clear?wait=10",
    body: (values) => ({ ...values, symbol }),
    done: (body) => body.what,
  });
  if (answer) await reviews();
}

async function strategies() {
  await read(byId("strategies"), "/trading/strategies?limit=500", (rows) => {
    const enabled = rows.filter((row) => row.enabled).length;
    stats(byId("strategies-sum"), [
      { name: "strategies.enabled", label: "Enabled", value: enabled },
      { name: "strategies.disabled", label: "Disabled", value: rows.length - enabled },
    ]);
    table(
      byId("strategies-table"),
      [
        { name: "strategy_id", label: "Strategy", header: true },
        { name: "state", label: "State", cell: (row) => badge(row.enabled ? "enabled" : "disabled", row.enabled ? "ok" : "off") },
        { name: "strategy.since", label: "Since", value: changed, text: (row) => clock(changed(row)) },
        { name: "actor", label: "By" },
        { name: "reason", label: "Why", wide: true },
        { name: "type", label: "Kind", cell: (row) => row.definition?.type ?? "–" },
        {
          name: "act",
          label: "Decide",
          cell: (row) =>
            element("button", { type: "button", data: { action: row.enabled ? "disable" : "enable", strategy: row.strategy_id } }, row.enabled ? "Disable…" : "Enable…"),
        },
      ],
      [...rows].sort((a, b) => (a.strategy_id < b.strategy_id ? -1 : 1)),
      { label: "Strategies", key: (row) => row.strategy_id, empty: "No strategy was ever enabled: every decision is blocked." },
    );
  });
}

function changed(row) {
  return row.enabled ? row.enabled_at : row.disabled_at;
}

async function allow(event) {
  const button = event.target.closest("[data-action=enable], [data-action=disable]");
  if (!button) return;
  const { action, strategy } = button.dataset;
  const answer = await act({
    title: `${action === "enable" ? "Enable" : "Disable"} ${strategy}`,
    text: action === "enable" ? "Its decisions may become orders again." : "Its decisions are blocked from now on; orders that are open stay.",
    fields: [reasonField],
    confirm: action === "enable" ? "Enable it" : "Disable it",
    danger: action === "disable",
    path: `/trading/control/strategies/${encodeURIComponent(strategy)}/${action}?wait=10`,
    done: (body) => body.what,
  });
  if (answer) await strategies();
}
