// Overview: can we continue, what stops us, and what is going on.

import { get, Problem } from "/console/api.js";
import { lines } from "/console/charts.js";
import { badge, byId, element, fill, refill } from "/console/dom.js";
import { ago, clock, micros, short, words } from "/console/format.js";
import { listen, refreshOn } from "/console/live.js";
import { act, failed, figure, positionOf, read, reasonField, startPage, table } from "/console/page.js";

startPage({ title: "Overview" });

// Can we continue?

/// Where a reason can be looked into.
const places = {
  kill_switch: null,
  emergency_stop: ["/gate", "LEAN rollout gate"],
  canary: ["/gate", "LEAN rollout gate"],
  incident: ["/gate", "LEAN rollout gate"],
  gates: ["/gate", "LEAN rollout gate"],
  discrepancy: ["/safety", "Decision safety"],
  discrepancies: ["/safety", "Decision safety"],
  quarantine: ["/safety", "Decision safety"],
  control: ["/safety", "Decision safety"],
  order_events: ["/safety", "Decision safety"],
  route: ["/safety", "Decision safety"],
  role: ["/control-plane", "Control plane"],
  log: ["/control-plane", "Control plane"],
  database: ["/control-plane", "Control plane"],
};

function verdict() {
  const group = byId("verdict");
  return read(group, "/trading/safety", (safety) => {
    const answer = byId("answer");
    answer.dataset.kind = safety.safe ? "ok" : "bad";
    const word = safety.safe ? "Yes" : "No";
    if (byId("answer-word").textContent !== word) byId("answer-word").textContent = word;
    figure(byId("answer-more"), "safety.reasons", safety.reasons.length, {
      text: safety.safe
        ? `Nothing speaks against it. Looked at ${clock(safety.looked_at ?? safety.at)}.`
        : `${safety.reasons.length === 1 ? "One reason" : `${safety.reasons.length} reasons`} why not. Looked at ${clock(safety.looked_at ?? safety.at)}.`,
    });
    answer.dataset.value = String(safety.safe);
    showReasons(safety.reasons);
    looked(safety.findings);
    gates(safety.findings);
  });
}

/// Of many reasons of one kind two are shown, and how many more there are.
function showReasons(reasons) {
  const list = byId("reasons");
  const open = new Set([...list.querySelectorAll("details[open]")].map((details) => details.dataset.what));
  const kinds = new Map();
  for (const reason of reasons) kinds.set(reason.what, [...(kinds.get(reason.what) ?? []), reason]);
  const items = [...kinds].flatMap(([what, own]) => {
    if (own.length <= 3) return own.map(reasonItem);
    const more = element(
      "li",
      {},
      element(
        "details",
        { data: { what }, open: open.has(what) },
        element("summary", {}, `${own.length - 2} more: ${words(what)}`),
        element("ul", { class: "plain" }, own.slice(2).map(reasonItem)),
      ),
    );
    return [...own.slice(0, 2).map(reasonItem), more];
  });
  refill(list, items);
}

/// What was looked at, each kind of thing once: green needs evidence.
function looked(findings) {
  const kinds = new Map();
  for (const finding of findings) kinds.set(finding.what, [...(kinds.get(finding.what) ?? []), finding]);
  refill(
    byId("looked"),
    [...kinds].map(([what, own]) => {
      const against = own.filter((finding) => finding.reason).length;
      const text = own.length === 1 ? words(own[0].state) : against === 0 ? `${own.length} looked at` : `${against} of ${own.length}`;
      return element("li", { data: { what } }, element("span", { class: "muted" }, words(what)), badge(text, against === 0 ? "ok" : "bad"));
    }),
  );
}

function reasonItem(reason) {
  const place = reason.what === "in_doubt" ? [`/order?id=${encodeURIComponent(reason.name)}`, "Its story"] : places[reason.what];
  return element(
    "li",
    { data: { what: reason.what } },
    element("p", {}, badge(words(reason.what), "bad"), " ", element("strong", { title: reason.name }, `${reason.name.length > 60 ? short(reason.name, 16) : reason.name} is ${words(reason.state)}`)),
    element("p", {}, reason.reason),
    reason.next || place
      ? element(
          "p",
          { class: "muted" },
          reason.next ? element("span", {}, "Next: ", element("code", {}, reason.next)) : null,
          reason.next && place ? " · " : null,
          place ? element("a", { href: place[0] }, place[1]) : null,
        )
      : null,
  );
}

const gateKinds = ["canary", "incident", "lane", "adapter", "review", "emergency_stop"];

function gates(findings) {
  const shown = findings.filter((finding) => gateKinds.includes(finding.what));
  const items = shown.map((finding) => {
    const state = words(finding.state);
    const kind = finding.reason
      ? "bad"
      : /^(on|ok|pass|clear|breaker closed, healthy)$/.test(state)
        ? "ok"
        : /unknown|not known|insufficient|no data/.test(state)
          ? "unknown"
          : "warn";
    return element(
      "li",
      {},
      element("span", {}, element("span", { class: "muted" }, `${words(finding.what)} `), words(finding.name)),
      badge(state, kind),
    );
  });
  refill(byId("gate-list"), items.length > 0 ? items : [element("li", { class: "muted" }, "Nothing is known of any gate yet.")]);
}

// Stops

const killFacts = { control: null };

function stops(control) {
  killFacts.control = control;
  const kill = control.kill_switch;
  const said = [
    ["latch_file", "the latch"],
    ["environment", "the environment"],
    ["log", "the log"],
    ["unreadable", "a record of control that nobody can read"],
  ].filter(([name]) => kill[name]).map(([, name]) => name);
  // What was said is not what is known: a process that does not see control lets nothing out, whatever was said.
  const isBlind = kill.engaged && said.length === 0;
  const state = isBlind ? "not known now" : kill.engaged ? "engaged" : "released";
  // Both states are read aloud when they change, and only then.
  refill(byId("kill-state"), [badge(state, isBlind ? "warn" : kill.engaged ? "bad" : "ok")]);
  byId("kill-state").dataset.value = isBlind ? "unknown" : state;
  byId("kill-text").textContent = isBlind
    ? "This process has not read control to its end just now, so no order leaves from it until it has."
    : kill.engaged
      ? `No order leaves${kill.reason ? `: ${kill.reason}` : ""}. Said by ${said.join(" and ")}${kill.engaged_at ? ` at ${clock(kill.engaged_at)}` : ""}.`
      : "Orders may leave. The kill switch stops all new ones at once, in every process.";
  byId("kill").hidden = kill.engaged && !isBlind;
  byId("resume").hidden = !kill.engaged || isBlind;
  const latches = control.emergency_stop.latches;
  const isLatched = control.emergency_stop.latched;
  refill(byId("emergency-state"), [badge(isLatched ? "latched" : "clear", isLatched ? "bad" : "ok")]);
  byId("emergency-state").dataset.value = isLatched ? "latched" : "clear";
  const why = latches.flatMap((latch) => latch.reasons ?? []).map((reason) => (typeof reason === "string" ? reason : (reason.text ?? JSON.stringify(reason))));
  byId("emergency-text").textContent = isLatched
    ? `No new intents, open orders are cancelled${why.length > 0 ? `: ${why[0]}` : ""}.`
    : "A breach of the canary, or a person, latches it.";
  byId("clear-emergency").hidden = !isLatched;
}

async function askControl() {
  const answer = await read(byId("stops"), "/trading/control", stops);
  // Where nobody can say what is stopped, stopping is still to be had.
  if (!killFacts.control) byId("kill").hidden = false;
  return answer;
}

byId("kill").addEventListener("click", async () => {
  const answer = await act({
    title: "Stop all new orders?",
    text: "No order leaves from now on, in any process, until somebody releases it. Cancellations go on.",
    danger: true,
    confirm: "Stop all new orders",
    fields: [reasonField],
    path: "/trading/control/kill",
    done: (body) => (body.complete ? "Stopped: everybody was reached, and the log has it." : "Stopped here; not everybody was reached yet."),
  });
  if (answer) await Promise.all([askControl(), verdict()]);
});

byId("resume").addEventListener("click", async () => {
  const reason = killFacts.control?.kill_switch.reason;
  const answer = await act({
    title: "Release the kill switch?",
    text: `New orders may leave again.${reason ? ` It was engaged for: ${reason}` : ""}`,
    confirm: "Release it",
    fields: [reasonField],
    path: "/trading/control/resume?wait=5",
    done: "Released: orders may leave.",
  });
  if (answer) await Promise.all([askControl(), verdict()]);
});

byId("clear-emergency").addEventListener("click", async () => {
  const answer = await act({
    title: "Clear the emergency stop?",
    text: "Whatever breached stays in the incident. New intents may be made again.",
    confirm: "Clear it",
    fields: [reasonField],
    path: "/trading/control/emergency-stop/clear?wait=5",
    done: "The emergency stop is cleared.",
  });
  if (answer) await Promise.all([askControl(), verdict()]);
});

// What is going on

const countNames = ["decisions", "orders", "lean", "alpaca", "fallbacks", "fills"];

async function activity() {
  const path = "/trading/activity?minutes=60";
  await read(byId("counts"), path, ({ since, until, totals, minutes }, answer) => {
    for (const name of countNames) figure(byId(`n-${name}`), `activity.${name}`, totals[name]);
    for (const id of ["counts", "pace"]) Object.assign(byId(id).dataset, { since, until });
    positionOf(byId("pace"), answer.position, path);
    // Before anything happened there is nothing to see: a system that began just now fills its chart too.
    const busy = minutes.findIndex((minute) => minute.decisions + minute.orders > 0);
    const shown = minutes.slice(Math.max(0, Math.min(minutes.length - 15, busy - 1)));
    const points = (name) => shown.map((minute) => [minute.at, minute[name]]);
    lines(byId("orders-chart"), {
      label: "Orders per minute, by route",
      unit: "per minute",
      series: [
        { name: "Decisions", points: points("decisions") },
        { name: "LEAN", points: points("lean") },
        { name: "Alpaca", points: points("alpaca") },
        { name: "Fallbacks", points: points("fallbacks") },
      ],
    });
  });
}

function readModels() {
  return read(byId("lag"), "/trading/projections", (body) => {
    figure(byId("lag-total"), "projections.lag", body.lag);
    table(
      byId("lag-table"),
      [
        { name: "projection", label: "Read model", header: true, cell: (row) => words(row.projection) },
        { name: "verdict", label: "State", cell: (row) => badge(row.verdict, { idle: "ok", moving: "info", stuck: "bad" }[row.verdict]) },
        { name: "lag", label: "Behind", end: true, value: (row) => row.lag },
        { name: "parked", label: "Parked", end: true, value: (row) => row.parked },
        { name: "deferred", label: "Waiting behind", end: true, value: (row) => row.deferred },
        { name: "last_commit", label: "Last commit", end: true, cell: (row) => ago(row.last_commit) },
      ],
      body.projections,
      { label: "Read models and how far they are behind the log", key: (row) => row.projection, empty: "No read model serves yet." },
    );
  });
}

// Health

const roleKinds = { running: "ok", follower: "ok", leader_starting: "info", disabled: "off", replaced: "off", unknown: "unknown", healthy: "ok" };

/// A process that no longer serves in a role which others serve in is no news.
function isTold(role, _, all) {
  if (role.state === "replaced") return false;
  if (role.state !== "disabled") return true;
  const others = all.filter((other) => other.role === role.role && other !== role);
  return others.every((other) => other.state === "disabled" && other.seen_at < role.seen_at);
}

function health() {
  return read(byId("health"), "/api/agents/control-plane/status", (status) => {
    const ill = status.degraded.length;
    fill(byId("health-state"), badge(ill === 0 ? "all well" : `${ill} degraded`, ill === 0 ? "ok" : "bad"));
    const part = (kind, name, row, more) => ({
      id: `${kind} ${name}`,
      kind,
      name,
      state: row.status,
      message: row.message || status.degraded.find((entry) => entry.part === name || entry.part === `${kind} ${name}`)?.what || "",
      ...more,
    });
    const rows = [
      ...status.roles
        .filter(isTold)
        .map((role) => ({
          id: `role ${role.role} ${role.process}`,
          kind: "role",
          name: role.role,
          state: role.state,
          message: role.detail,
          lag: role.lag,
          seen: role.seen_at,
        })),
      ...status.runtime_adapters.map((adapter) => part(adapter.name.startsWith("stream") ? "stream" : "adapter", adapter.name.replace(/^stream /, ""), adapter, {
        latency: adapter.latency_us,
        seen: adapter.observed_at,
        message: adapter.message || (adapter.breaker ? `breaker ${adapter.breaker}` : ""),
      })),
      part("database", "Postgres", status.database, { latency: status.database.latency_ms === null || status.database.latency_ms === undefined ? null : status.database.latency_ms * 1000, seen: status.database.observed_at }),
      part("log", status.log.engine ?? "log", status.log, { lag: status.log.lag, seen: status.log.read_at, latency: status.log.append_us }),
    ];
    table(
      byId("health-table"),
      [
        { name: "name", label: "Part", header: true, cell: (row) => element("span", {}, element("span", { class: "muted" }, `${row.kind} `), row.name) },
        { name: "state", label: "State", cell: (row) => badge(words(row.state), roleKinds[row.state] ?? "bad") },
        { name: "lag", label: "Behind", end: true, value: (row) => row.lag },
        { name: "latency", label: "Answer", end: true, value: (row) => row.latency, text: (row) => micros(row.latency) },
        { name: "seen", label: "Seen", end: true, cell: (row) => ago(row.seen) },
        { name: "message", label: "Says", wide: true, cell: (row) => row.message || "" },
      ],
      rows,
      { label: "Roles, adapters, database and log" },
    );
  });
}

// The simulated broker, where it is the one in use

async function simulator() {
  let body;
  try {
    ({ body } = await get("/trading/simulator"));
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    if (problem.status === 404) byId("simulator").hidden = true;
    else failed(byId("simulator"), problem);
    return problem.status !== 404;
  }
  byId("simulator").hidden = false;
  failed(byId("simulator"), null);
  byId("simulator").dataset.read = "/trading/simulator";
  fill(byId("scenario-state"), body.running ? badge(`${body.running} since ${clock(body.since)}`, "warn") : badge("calm", "ok"));
  byId("scenario-state").dataset.value = body.running ?? "calm";
  const items = body.scenarios
    .filter((scenario) => scenario.name !== "calm")
    .map((scenario) =>
      element(
        "li",
        {},
        element("span", { class: "scenario" }, element("strong", {}, scenario.title), element("span", { class: "help" }, scenario.what)),
        element(
          "button",
          { type: "button", data: { scenario: scenario.name }, disabled: body.running === scenario.name, onclick: () => start(scenario) },
          body.running === scenario.name ? "Running" : "Run",
        ),
      ),
    );
  if (body.running) {
    items.push(element("li", {}, element("span", {}, "Everything as it should be"), element("button", { type: "button", class: "primary", data: { scenario: "calm" }, onclick: calm }, "Calm")));
  }
  refill(byId("scenarios"), items);
  fill(
    byId("scenario-lines"),
    (body.lines ?? []).slice(-6).reverse().map((line) =>
      element("li", {}, element("time", { class: "muted", datetime: line.at }, clock(line.at)), " ", line.text),
    ),
  );
  byId("scenario-said").hidden = (body.lines ?? []).length === 0;
  return true;
}

async function start(scenario) {
  const answer = await act({
    title: `Run “${scenario.title}”?`,
    text: scenario.what,
    danger: true,
    confirm: "Run it",
    fields: [{ ...reasonField, value: "a drill" }],
    path: `/trading/simulator/scenarios/${encodeURIComponent(scenario.name)}`,
    done: `“${scenario.title}” runs.`,
  });
  if (!answer) return;
  await simulator();
  // Its own button cannot be pressed any more, and lost the focus; what ends it is next.
  if (document.activeElement === document.body) byId("scenarios").querySelector("[data-scenario=calm]")?.focus();
}

async function calm() {
  const answer = await act({
    title: "Back to calm?",
    text: "The scenario ends: the simulated broker and LEAN behave again.",
    confirm: "Calm",
    fields: [{ ...reasonField, value: "the drill is over" }],
    path: "/trading/simulator/calm",
    done: "Calm again.",
  });
  if (answer) await simulator();
}

refreshOn(["*"], 1500, verdict, { atLeast: 4000 });
refreshOn(["control."], 400, askControl, { atLeast: 10_000 });
refreshOn(["decision.", "intent.", "route.", "order."], 1500, activity, { atLeast: 10_000 });
refreshOn(["*"], 2500, readModels, { atLeast: 5000 });
refreshOn(["control."], 4000, health, { atLeast: 4000 });
listen({ snapshot: (body) => body.control && stops(body.control) });

// Last, so that nothing waits for it. A part that is not there is asked for once: only what is there is asked again.
const hasSimulator = await simulator();
if (hasSimulator) setInterval(() => document.visibilityState === "visible" && simulator(), 4000);
