// Control plane: every role of every process, what they lean on, and how long things take.
//
// All of it is one answer of the status and one of /metrics, asked together; each group says in data-at when.

import { bars, lines } from "/console/charts.js";
import { badge, byId, element, fill } from "/console/dom.js";
import { ago, clock, count, seconds, short, words } from "/console/format.js";
import { refreshOn } from "/console/live.js";
import { measured, quantile } from "/console/metrics.js";
import { failed, positionOf, startPage, table } from "/console/page.js";
import { options, pairs, stats } from "/console/stats.js";
import { get } from "/console/api.js";

const path = "/api/agents/control-plane/status";
const fromStatus = ["whole", "roles", "requirements", "database", "log", "adapters", "partitions", "flags"];
const fromMeasures = ["queues", "outcomes", "turns", "requests"];
const kinds = {
  running: "ok", healthy: "ok", follower: "info", leader_starting: "warn", leader_not_started: "warn",
  degraded: "bad", unknown: "unknown", disabled: "off", replaced: "off",
};
const sum = (values) => values.reduce((all, one) => all + (one ?? 0), 0);

/// What is drawn over time is remembered while the page is open, and no longer than this many answers.
const remembered = 300;
const past = { queues: new Map(), lags: new Map() };

let status = null;
let measures = null;

startPage({ title: "Control plane" });
refreshOn([], 3000, ask, { atLeast: 3000 });
byId("turns-kind").addEventListener("change", turns);
byId("requests-route").addEventListener("change", requests);
byId("partitions-role").addEventListener("change", partitions);

async function ask() {
  const [told, measure] = await Promise.allSettled([get(path), measured()]);
  const show = (groups, outcome, read, shows) => {
    if (outcome.status === "rejected") return groups.forEach((id) => failed(byId(id), outcome.reason));
    for (const id of groups) positionOf(byId(id), outcome.value.position, read);
    return shows.forEach((one) => one());
  };
  if (told.status === "fulfilled") {
    status = told.value.body;
    remember(past.lags, status.generated_at, lagByRole());
  }
  if (measure.status === "fulfilled") {
    measures = measure.value;
    remember(past.queues, new Date().toISOString(), depths().map((one) => [words(one.queue), one.value]));
  }
  show(fromStatus, told, path, [whole, roles, requirements, database, log, adapters, partitions, flags]);
  show(fromMeasures, measure, "/metrics", [queues, outcomes, turns, requests]);
  if (status) for (const id of fromStatus) byId(id).dataset.at = status.generated_at;
}

function remember(series, at, values) {
  for (const [name, value] of values) {
    const points = series.get(name) ?? [];
    points.push([at, value]);
    if (points.length > remembered) points.shift();
    series.set(name, points);
  }
}

function over(series) {
  return [...series].map(([name, points]) => ({ name, points }));
}

function stateOf(word) {
  return badge(words(word), kinds[word] ?? "unknown");
}

/// A process is named by machine, number and start: the first two are enough for the eye.
function process(name) {
  if (!name) return "–";
  return name.includes("@") ? element("span", { class: "mono", title: name }, name.split("@")[0]) : name;
}

// Of the status

function whole() {
  fill(byId("whole-state"), badge(status.status, kinds[status.status]));
  const asked = status.controllers.filter((one) => one.enabled);
  stats(byId("whole-sum"), [
    { name: "status.degraded", label: "Wrong now", value: status.degraded.length },
    { name: "status.processes", label: "Processes", value: new Set(status.roles.map((one) => one.process)).size },
    { name: "status.roles_running", label: "Roles that run", value: asked.filter((one) => one.status === "running").length, note: `of ${asked.length} asked for` },
    { name: "status.lag", label: "Records not read yet", value: status.log.lag },
    { name: "status.generated_at", label: "As of", value: status.generated_at, text: clock(status.generated_at) },
  ]);
  table(
    byId("degraded"),
    [
      { name: "part", label: "Part", header: true },
      { name: "process", label: "Process", cell: (row) => process(row.process) },
      { name: "what", label: "What is wrong", wide: true },
      { name: "because", label: "Because of", cell: (row) => (row.because ? badge(row.because, "warn") : badge("itself", "bad")) },
    ],
    status.degraded,
    { label: "What is wrong", key: (row) => `${row.part} ${row.process}`, empty: "Nothing is wrong. Where one part waits for another, that one is named here: mend it first." },
  );
}

function roles() {
  table(
    byId("roles-table"),
    [
      { name: "role", label: "Role", header: true },
      { name: "process", label: "Process", cell: (row) => process(row.process) },
      { name: "state", label: "State", cell: (row) => stateOf(row.state) },
      { name: "role.since", label: "Since", value: (row) => row.since, text: (row) => clock(row.since) },
      { name: "leads", label: "Leads", cell: (row) => (leads(row) ? badge("leader", "ok") : row.leader_since ? "shares" : "–") },
      { name: "role.leader_since", label: "Leader since", value: (row) => row.leader_since, text: (row) => clock(row.leader_since) },
      { name: "role.lag", label: "Records before it", end: true, value: (row) => row.lag },
      { name: "role.seen_at", label: "Heard", end: true, value: (row) => row.seen_at, text: (row) => ago(row.seen_at) },
      { name: "role.last_progress_at", label: "Looked", end: true, value: (row) => row.last_progress_at, text: (row) => ago(row.last_progress_at) },
      { name: "detail", label: "It says", wide: true, cell: says },
    ],
    [...status.roles, ...status.controllers.filter((one) => !status.roles.some((role) => role.role === one.name)).map(absent)],
    { label: "Roles of every process", key: (row) => `${row.role} ${row.process}` },
  );
}

function absent(controller) {
  return { role: controller.name, process: null, state: controller.status, since: null, leader_since: null, lag: null,
    seen_at: null, last_progress_at: null, detail: controller.message, orphans: [] };
}

function leads(row) {
  return row.process !== null && status.leader_election.roles.some((one) => one.role === row.role && one.identity === row.process);
}

function says(row) {
  const orphans = row.orphans.length > 0 ? `without an owner: ${row.orphans.join(", ")}` : "";
  return [row.detail, orphans].filter(Boolean).join(" · ") || "–";
}

function requirements() {
  table(
    byId("requirements-table"),
    [
      { name: "role", label: "Role", header: true },
      { name: "ready", label: "State", cell: (row) => (row.ready ? badge("ready", "ok") : row.missing.length > 0 ? badge("missing", "bad") : badge("not looked at", "unknown")) },
      { name: "requirement.missing", label: "Missing", end: true, value: (row) => row.missing.length },
      { name: "names", label: "Which", wide: true, cell: (row) => [...row.missing, ...row.unchecked.map((name) => `${name} (not looked at)`)].join(", ") || "nothing" },
    ],
    status.requirements,
    { label: "Requirements", key: (row) => row.role },
  );
}

function database() {
  const own = status.database;
  fill(byId("database-state"), badge(own.status, kinds[own.status]));
  stats(byId("database-sum"), [
    { name: "database.latency_ms", label: "Latency", value: own.latency_ms, text: own.latency_ms === null ? "–" : `${own.latency_ms} ms` },
    { name: "database.age_ms", label: "Asked", value: own.age_ms, text: own.age_ms === null ? "never" : `${seconds(own.age_ms / 1000)} ago` },
  ]);
  pairs(byId("database-pairs"), [
    ["TLS", tls(own.tls)],
    ["Server", own.server_version === null ? "–" : String(own.server_version)],
    ["Address", element("span", { class: "mono" }, own.address ?? "none")],
    ...(own.message ? [["It says", own.message]] : []),
  ]);
}

/// By a socket or on this machine there is nothing to seal.
function tls(word) {
  const kind = { verified: "ok", off: "off", unknown: "unknown" }[word] ?? "bad";
  return badge(words(word), kind);
}

function log() {
  const own = status.log;
  fill(byId("log-state"), badge(own.status, kinds[own.status]));
  stats(byId("log-sum"), [
    { name: "log.lag", label: "Not read, all roles", value: own.lag },
    { name: "log.append_us", label: "Append", value: own.append_us, text: own.append_us === null ? "–" : `${(own.append_us / 1000).toFixed(1)} ms` },
    { name: "log.age_ms", label: "Read to its end", value: own.age_ms, text: own.age_ms === null ? "never" : `${seconds(own.age_ms / 1000)} ago` },
  ]);
  pairs(byId("log-pairs"), [
    ["Engine", own.engine],
    ["Address", element("span", { class: "mono" }, own.address)],
    ["Topics missing", own.missing_topics === null ? "not looked at" : own.missing_topics.join(", ") || "none"],
    ["Lanes", element("span", {}, status.lanes.map((one) => `${words(one.lane)}: ${words(one.mode)}`).join(" · "))],
    ["Kill switch", status.stops.kill_switch_engaged ? badge("engaged", "bad") : badge("released", "ok")],
    ["Emergency stop", status.stops.emergency_stop_active ? badge(status.stops.emergency_stop_reason ?? "latched", "bad") : badge("clear", "ok")],
    ...(own.message ? [["It says", own.message]] : []),
  ]);
}

function adapters() {
  table(
    byId("adapters-table"),
    [
      { name: "name", label: "Part", header: true },
      { name: "status", label: "State", cell: (row) => stateOf(row.status) },
      { name: "breaker", label: "Breaker", cell: (row) => (row.breaker ? badge(words(row.breaker), row.breaker === "closed" ? "ok" : "warn") : "–") },
      { name: "adapter.latency_us", label: "Latency", end: true, value: (row) => row.latency_us, text: (row) => (row.latency_us === null ? "–" : `${(row.latency_us / 1000).toFixed(1)} ms`) },
      { name: "adapter.age_ms", label: "Asked", end: true, value: (row) => row.age_ms, text: (row) => (row.age_ms === null ? "never" : `${seconds(row.age_ms / 1000)} ago`) },
      { name: "source", label: "Whose word", cell: (row) => process(row.source) },
      { name: "endpoint", label: "Address", cell: (row) => (row.endpoint ? element("span", { class: "mono" }, row.endpoint) : "–") },
      { name: "message", label: "It says", wide: true, cell: (row) => row.message || "–" },
    ],
    status.runtime_adapters,
    { label: "Adapters and streams", key: (row) => row.name },
  );
}

function partitions() {
  if (!status) return;
  lines(byId("lag-chart"), { label: "Records that each role has before it", series: over(past.lags) });
  const roleNames = lagByRole().map(([role]) => role);
  const chosen = options(byId("partitions-role"), [["", "all, topic by topic"], ...roleNames.map((name) => [name, `${name}, each partition`])], "");
  if (chosen) each(status.partitions.filter((one) => one.role === chosen));
  else byTopic();
}

function lagByRole() {
  const names = [...new Set(status.partitions.map((one) => one.role))].sort();
  return names.map((role) => [role, sum(status.partitions.filter((one) => one.role === role).map((one) => one.lag))]);
}

function byTopic() {
  const topics = new Map();
  for (const one of status.partitions) {
    const key = `${one.role} ${one.topic}`;
    const known = topics.get(key) ?? { key, role: one.role, topic: one.topic, count: 0, owners: new Set(), lag: 0, latest: null };
    known.count += 1;
    known.owners.add(one.owner);
    known.lag += one.lag ?? 0;
    if (one.last_event_ts && (known.latest === null || one.last_event_ts > known.latest)) known.latest = one.last_event_ts;
    topics.set(key, known);
  }
  show("topics", [
    { name: "role", label: "Role", header: true },
    { name: "topic", label: "Topic" },
    { name: "topic.partitions", label: "Partitions", end: true, value: (row) => row.count },
    { name: "owners", label: "Owners", cell: (row) => (row.owners.size === 1 ? process([...row.owners][0]) : `${row.owners.size} processes`) },
    { name: "topic.lag", label: "Not read yet", end: true, value: (row) => row.lag },
    { name: "topic.last_event_ts", label: "Newest record read", end: true, value: (row) => row.latest, text: (row) => ago(row.latest) },
  ], [...topics.values()], (row) => row.key);
}

function each(rows) {
  show("partitions", [
    { name: "topic", label: "Topic", header: true },
    { name: "number", label: "Partition", end: true, cell: (row) => row.partition },
    { name: "owner", label: "Owner", cell: (row) => process(row.owner) },
    { name: "partition.owned_since", label: "Since", value: (row) => row.owned_since, text: (row) => clock(row.owned_since) },
    { name: "state", label: "State", cell: (row) => stateOf(row.state) },
    { name: "partition.position", label: "Next", end: true, value: (row) => row.position },
    { name: "partition.end", label: "End", end: true, value: (row) => row.end },
    { name: "partition.lag", label: "Not read yet", end: true, value: (row) => row.lag },
    { name: "partition.last_event_ts", label: "Newest record read", end: true, value: (row) => row.last_event_ts, text: (row) => ago(row.last_event_ts) },
  ], rows, (row) => `${row.topic}/${row.partition}`);
}

/// Two tables take turns in one place.
function show(form, columns, rows, key) {
  const place = byId("partitions-table");
  if (place.dataset.form !== form) fill(place);
  place.dataset.form = form;
  table(place, columns, rows, { label: "Partitions", key });
}

function flags() {
  const own = status.feature_flags;
  fill(byId("flags-state"), own.agreed ? badge("all processes agree", "ok") : badge("processes judge by different policies", "bad"));
  pairs(byId("flags-pairs"), [
    ["Mode", `${own.mode}, trading ${own.enabled ? "enabled" : "disabled"}`],
    ["Policies in force", element("span", { class: "mono", title: own.policies.join(", ") }, own.policies.map((hash) => short(hash)).join(", ") || "none heard")],
    ["Misconfigured", own.misconfigurations.join("; ") || "nothing"],
  ]);
  table(
    byId("flags-table"),
    [
      { name: "name", label: "Flag", header: true, cell: (row) => element("span", { class: "mono" }, row.name) },
      { name: "value", label: "Value", cell: (row) => row.value ?? element("span", { class: "muted" }, "default") },
      { name: "source", label: "Source", cell: (row) => words(row.source) },
      { name: "flag.age_s", label: "For", end: true, value: (row) => row.age_seconds, text: (row) => seconds(row.age_seconds) },
      { name: "flag.changed_at", label: "Since", value: (row) => row.changed_at, text: (row) => clock(row.changed_at) },
      { name: "by", label: "By", cell: (row) => process(row.by) },
    ],
    own.flags,
    { label: "Feature flags", key: (row) => row.name },
  );
}

// Of the measures

function queues() {
  lines(byId("queues-chart"), { label: "What waits in each queue", series: over(past.queues) });
  table(
    byId("queues-table"),
    [
      { name: "queue", label: "Queue", header: true, cell: (row) => words(row.queue) },
      { name: "queue.depth", label: "Waiting", end: true, value: (row) => row.value },
    ],
    depths(),
    { label: "Queues", key: (row) => row.queue },
  );
}

function depths() {
  return measures.samples("jangar_agents_queue_depth").map((one) => ({ queue: one.labels.queue, value: one.value }));
}

function outcomes() {
  const of = (name, what, label) => measures.samples(name).map((one) => ({ id: `${name} ${label(one.labels)}`, what, which: label(one.labels), value: one.value }));
  table(
    byId("outcomes-table"),
    [
      { name: "what", label: "What", header: true },
      { name: "which", label: "Which" },
      { name: "outcome.count", label: "Times", end: true, value: (row) => row.value },
    ],
    [
      ...of("jangar_agent_run_outcomes_total", "run ended", (one) => `${words(one.kind)}: ${words(one.outcome)}`),
      ...of("jangar_leader_changes_total", "leader changed", (one) => `${one.role} became ${one.to}`),
      ...of("jangar_agents_rate_limit_rejections_total", "sent away", (one) => words(one.scope)),
    ],
    { label: "Outcomes", key: (row) => row.id },
  );
}

function turns() {
  if (!measures) return;
  distribution({
    name: "jangar_reconcile_duration_seconds", label: "kind", title: "Turns", figures: "turn", perUnit: 1000,
    chart: byId("turns-chart"), choice: byId("turns-kind"), place: byId("turns-table"), head: "Loop",
  });
}

function requests() {
  if (!measures) return;
  distribution({
    name: "torghut_http_request_duration_seconds", label: "route", title: "Requests", figures: "request", perUnit: 1000,
    chart: byId("requests-chart"), choice: byId("requests-route"), place: byId("requests-table"), head: "Route",
  });
}

/// A histogram over all series of a label, or over one of them, and what each comes to.
function distribution({ name, label, title, figures, perUnit, chart, choice, place, head }) {
  const names = [...new Set(measures.samples(`${name}_count`).map((one) => one.labels[label]))].sort();
  const chosen = options(choice, [["", "all"], ...names.map((one) => [one, one])], "");
  const shown = measures.histogram(name, chosen ? { [label]: chosen } : {});
  const last = Math.max(0, shown.counts.findLastIndex((one) => one > 0));
  // Behind the longest there is nothing to see.
  const bounds = shown.bounds.slice(0, last + 1);
  bars(chart, {
    label: `${title} by how long they took`,
    categories: bounds.map((bound) => (Number.isFinite(bound) ? `≤ ${milliseconds(bound * perUnit)}` : "longer")),
    series: [{ name: title.toLowerCase(), values: shown.counts.slice(0, last + 1) }],
  });
  const rows = names.map((one) => {
    const own = measures.histogram(name, { [label]: one });
    return { id: one, count: own.count, p50: ms(own, 0.5), p95: ms(own, 0.95), p99: ms(own, 0.99) };
  });
  const value = (q) => ({ name: `${figures}.${q}_ms`, label: q, end: true, value: (row) => row[q], text: (row) => milliseconds(row[q]) });
  table(
    place,
    [
      { name: label, label: head, header: true, wide: label === "route", cell: (row) => (label === "kind" ? words(row.id) : row.id) },
      { name: `${figures}.count`, label: title, end: true, value: (row) => row.count },
      ...["p50", "p95", "p99"].map(value),
    ],
    rows.filter((row) => row.count > 0).sort((a, b) => b.count - a.count),
    { label: `${title} by ${head.toLowerCase()}`, key: (row) => row.id, empty: "Nothing was measured yet." },
  );

  function ms(own, q) {
    const found = quantile(own, q);
    return found === null ? null : Number((found * perUnit).toFixed(3));
  }
}

function milliseconds(value) {
  if (value === null || value === undefined) return "–";
  return value < 1000 ? `${Number(value.toPrecision(3))} ms` : seconds(value / 1000);
}
