// The story of one order: what happened, when, where it stands in the log, and whether anything is missing.

import { bars } from "/console/charts.js";
import { badge, byId, element, fill, refill } from "/console/dom.js";
import { clock, decimal, micros, moment, short, words } from "/console/format.js";
import { listen, refreshOn } from "/console/live.js";
import { eventKind, eventNames } from "/console/order-words.js";
import { figure, positionOf, read, startPage, table } from "/console/page.js";

startPage({ title: "An order" });

const id = new URLSearchParams(location.search).get("id")?.trim() ?? "";
byId("find").addEventListener("submit", (event) => {
  event.preventDefault();
  const wanted = byId("find-id").value.trim();
  if (wanted) location.href = `/order?id=${encodeURIComponent(wanted)}`;
});
if (!id) {
  byId("find").hidden = false;
  byId("story").hidden = true;
}

const path = `/trading/explain/${encodeURIComponent(id)}`;
let ids = [id];
let clients = [];

async function show() {
  const answer = await read(byId("verdict"), path, (story) => {
    ids = [...new Set([id, ...story.decision_hash, ...story.intent_id, ...story.client_order_id, ...story.alpaca_order_id])];
    const events = lined(story.tree);
    title(story, events);
    judge(story);
    timeline(events);
    facts(story, events);
    steps(events);
    attempts(events);
    fallbacks(events);
    fills(events);
    for (const name of ["timeline", "facts", "hops", "attempts", "fallback", "fills"]) positionOf(byId(name), null, path);
  });
  if (answer) {
    clients = answer.body.client_order_id;
    await results();
  }
  const isKnown = answer !== null || byId("timeline").dataset.read !== undefined;
  byId("find").hidden = isKnown;
  if (!isKnown) for (const name of ["verdict-text", "events"]) byId(name).replaceChildren();
  for (const section of byId("story").querySelectorAll("section")) {
    if (!["verdict", "hops", "fallback", "result"].includes(section.id)) section.hidden = !isKnown;
  }
  if (!isKnown) byId("hops").hidden = byId("result").hidden = true;
}

/// The events that follow one another, in the order of time, each with what it came from and what was in force there.
function lined(tree) {
  const found = [];
  const walk = (node, parent) => {
    const entry = { ...node, parent, context: node.children.filter((child) => child.role !== "followed"), order: found.length };
    found.push(entry);
    for (const child of node.children) if (child.role === "followed") walk(child, entry);
  };
  for (const root of tree) walk(root, null);
  const time = (entry) => moment(entry.at)?.getTime() ?? 0;
  return found.sort((a, b) => time(a) - time(b) || a.order - b.order);
}

const of = (events, type) => events.filter((event) => event.type === type);

function title(story, events) {
  const intent = of(events, "intent.emitted")[0]?.facts ?? of(events, "decision.recorded")[0]?.facts ?? {};
  const side = intent.side ?? intent.action ?? "";
  const text = story.symbol ? `${words(side)} ${decimal(intent.qty)} ${story.symbol}`.trim() : "An order";
  byId("order-title").textContent = text.charAt(0).toUpperCase() + text.slice(1);
  document.title = `${text} · Torghut`;
  const last = of(events, "order.broker_update_recorded").findLast((event) => event.facts.classification === "applied");
  const status = last?.facts.status ?? last?.facts.event_type;
  fill(byId("order-state"), status ? badge(words(status), eventKind(last.type, last.facts)) : "");
  fill(byId("order-sub"), element("a", { href: "/orders" }, "All orders"), events.length > 0 ? ` · began ${clock(events[0].at)}` : "");
}

function judge(story) {
  const kinds = { complete: "ok", open: "info", incomplete: "bad" };
  const texts = {
    complete: "It ended, and nothing is missing.",
    open: "Nothing is missing so far, and it goes on.",
    incomplete: "Links of its story are missing.",
  };
  fill(byId("verdict-state"), badge(story.verdict, kinds[story.verdict] ?? "unknown"));
  byId("verdict-state").dataset.value = story.verdict;
  byId("verdict-text").textContent = texts[story.verdict] ?? "";
  fill(
    byId("holes"),
    story.holes.map((hole) =>
      element(
        "li",
        {},
        element("p", {}, badge(words(hole.link), "bad"), " ", element("strong", {}, hole.missing)),
        element("p", { class: "muted" }, "Shown by ", element("code", {}, hole.shown_by), " · Next: ", hole.next),
      ),
    ),
  );
}

// The timeline

function timeline(events) {
  const list = byId("events");
  const open = new Set([...list.querySelectorAll("details[open]")].map((details) => details.dataset.id));
  refill(list, runs(events).map((run) => (run.length < 3 ? run.map((event) => entry(event, open)) : several(run, open))).flat());
}

/// Looks at the broker that follow one another are one thing that goes on.
function runs(events) {
  const found = [];
  for (const event of events) {
    const last = found.at(-1);
    if (event.type === "order.snapshot_observed" && last?.[0].type === event.type) last.push(event);
    else found.push([event]);
  }
  return found;
}

function several(run, open) {
  const [first, last] = [run[0], run.at(-1)];
  return element(
    "li",
    { class: "event", data: { kind: "off", position: first.position, type: first.type } },
    element("div", { class: "when" }, element("time", { datetime: first.at }, precise(first.at)), element("span", { class: "muted" }, `to ${clock(last.at)}`)),
    element(
      "div",
      { class: "what" },
      element("p", { class: "line" }, badge(name(last), "off"), " ", figure(element("span"), "looks", run.length, { text: `${run.length} times; at last ${sentence(last)}` })),
      element("p", { class: "place" }, element("code", {}, first.position), " to ", element("code", {}, last.position), last.source ? ` by ${last.source}` : ""),
      details(`${first.position} run`, "Each of them", element("ol", { class: "plain context" }, run.map((event) => element("li", { data: { position: event.position } }, `${precise(event.at)} ${sentence(event)} `, element("code", {}, event.position)))), open),
    ),
  );
}

function entry(event, open) {
  const kind = eventKind(event.type, event.facts);
  const waited = event.latency_us;
  return element(
    "li",
    { class: "event", data: { kind, position: event.position, type: event.type, key: `${event.position} after ${event.parent?.position}` } },
    element(
      "div",
      { class: "when" },
      element("time", { datetime: event.at }, precise(event.at)),
      waited === null || waited === undefined
        ? null
        : figure(element("span", { class: "hop", title: `after: ${name(event.parent)}` }), "after_us", waited, { text: `+${micros(waited)}` }),
    ),
    element(
      "div",
      { class: "what" },
      element("p", { class: "line" }, badge(name(event), kind), " ", element("span", {}, sentence(event))),
      element("p", { class: "place" }, element("code", {}, event.position), event.source ? element("span", {}, ` by ${event.source}`) : null),
      details(`${event.position} facts`, "Everything it says", pairs(event.facts), open),
      event.context.length > 0
        ? details(
            `${event.position} context`,
            `What was in force, or led to it (${event.context.length})`,
            element("ul", { class: "plain context" }, event.context.map(contextItem)),
            open,
          )
        : null,
    ),
  );
}

function details(key, label, content, open) {
  return element("details", { data: { id: key }, open: open.has(key) }, element("summary", {}, label), content);
}

function contextItem(node) {
  return element(
    "li",
    { data: { position: node.position } },
    element("p", {}, element("strong", {}, words(node.type.split(".").at(-1))), " ", element("span", { class: "muted" }, `${node.role === "in_force" ? "in force" : words(node.role)}, ${clock(node.at)} `), element("code", {}, node.position)),
    pairs(node.facts),
  );
}

function name(event) {
  if (!event) return "";
  if (event.type === "order.broker_update_recorded") {
    const told = words(event.facts.event_type ?? event.facts.status ?? "");
    const again = event.facts.classification && event.facts.classification !== "applied";
    return again ? `Told again: ${told}` : `The broker says: ${told}`;
  }
  return eventNames[event.type] ?? words(event.type);
}

/// What matters of an event, in one line.
function sentence({ type, facts }) {
  const price = facts.limit_price ? ` at ${decimal(facts.limit_price)}` : "";
  switch (type) {
    case "decision.recorded":
      return `${facts.strategy_id ?? ""}: ${facts.action ?? ""} ${decimal(facts.qty)}${price}`;
    case "intent.emitted":
      return `${facts.side ?? ""} ${decimal(facts.qty)}${price}, expected by ${facts.execution_expected_adapter ?? "–"} (${words(facts.route_reason)})`;
    case "decision.rejected":
    case "decision.blocked":
    case "decision.conflicted":
      return reasons(facts);
    case "route.attempt_prepared":
      return `attempt ${facts.attempt} by ${facts.execution_adapter}`;
    case "route.attempt_sent":
      return `attempt ${facts.attempt}, ${facts.sent_bytes ?? "?"} bytes, left ${precise(facts.sent_at)}`;
    case "route.attempt_accepted":
      return `by ${facts.execution_adapter}: ${words(facts.status)}${facts.latency_us === undefined ? "" : `, answered in ${micros(facts.latency_us)}`}`;
    case "route.attempt_rejected":
      return `by ${facts.execution_adapter}: ${facts.reason ?? words(facts.failure_taxonomy)}`;
    case "route.attempt_unknown":
      return `${words(facts.failure_taxonomy)}: ${facts.reason ?? ""}`;
    case "route.attempt_resolved":
      return `${words(facts.resolution)}, proved by: ${words(facts.proof ?? facts.found_by)}`;
    case "route.intent_held":
      return words(facts.hold_reason);
    case "route.intent_released":
      return `after ${micros(facts.held_for_us)}`;
    case "route.fallback_decided":
      return `${facts.from_adapter} → ${facts.to_adapter}: ${words(facts.execution_fallback_reason)}`;
    case "order.snapshot_observed":
      return [words(facts.status), facts.filled_qty ? `${decimal(facts.filled_qty)} filled` : ""].filter(Boolean).join(", ");
    case "order.broker_update_recorded":
      return facts.fill_qty ? `${decimal(facts.fill_qty)} at ${decimal(facts.fill_price)}; ${decimal(facts.filled_qty)} of ${decimal(facts.qty)} filled` : words(facts.classification_reason ?? "");
    default:
      return facts.reason ?? "";
  }
}

function reasons(facts) {
  const own = Object.entries(facts).filter(([name]) => /reason/.test(name)).map(([, value]) => value);
  return own.map((value) => (typeof value === "string" ? words(value) : JSON.stringify(value))).join("; ");
}

function pairs(facts) {
  return element(
    "dl",
    { class: "pairs" },
    Object.entries(facts).flatMap(([key, value]) => [
      element("dt", {}, key),
      element("dd", { class: "mono" }, typeof value === "object" && value !== null ? JSON.stringify(value) : String(value)),
    ]),
  );
}

function precise(time) {
  const date = moment(time);
  if (!date) return "–";
  return `${clock(date)}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

// Beside it

function facts(story, events) {
  const intent = of(events, "intent.emitted")[0]?.facts ?? {};
  const taken = of(events, "route.attempt_accepted").at(-1)?.facts;
  const rows = [
    ["Account", story.account_label],
    ["Strategy", story.strategy_id],
    ["Route", taken?.execution_route?.replace("->", " → ")],
    ["Type", [intent.order_type, intent.time_in_force].filter(Boolean).map(words).join(", ")],
    ["Limit", intent.limit_price ? decimal(intent.limit_price) : null],
    ["Decision", ...story.decision_hash],
    ["Intent", ...story.intent_id],
    ["Client order", ...story.client_order_id],
    ["Broker order", ...story.alpaca_order_id],
    ["Policy", intent.policy_hash],
  ].filter(([, value]) => value);
  fill(
    byId("names"),
    rows.flatMap(([label, ...values]) => [
      element("dt", {}, label),
      element("dd", {}, values.map((value, index) => [index > 0 ? ", " : null, String(value).length > 20 ? element("code", { title: value }, short(value, 18)) : String(value)]).flat()),
    ]),
  );
}

/// How long each step took after the one it came from; what the broker told twice took nobody's time.
function steps(events) {
  const shown = events.filter((event) => event.parent && event.latency_us > 0 && (event.facts.classification ?? "applied") === "applied" && event.type !== "order.snapshot_observed");
  const place = byId("hops-place");
  byId("hops").hidden = shown.length === 0;
  if (shown.length === 0) return;
  place.dataset.rows = String(Math.min(shown.length, 12));
  const label = (event) => (event.type === "order.broker_update_recorded" ? words(event.facts.event_type ?? "update") : words(event.type.split(".").at(-1)));
  bars(byId("hops-chart"), {
    label: "Time per step",
    categories: shown.map((event) => (event.facts.attempt > 1 ? `${label(event)} (${event.facts.attempt})` : label(event))),
    series: [{ name: "after the step before", values: shown.map((event) => event.latency_us / 1000) }],
    unit: "ms",
    across: true,
    logarithmic: true,
  });
}

const resultColumns = [
  ["Asked for", "submitted_qty", (row) => decimal(row.submitted_qty)],
  ["Filled", "filled_qty", (row) => decimal(row.filled_qty)],
  ["Executions", "execution_count"],
  ["At, on average", "avg_fill_price", (row) => decimal(row.avg_fill_price, 4)],
  ["Fallbacks", "execution_fallback_count"],
];
const costColumns = [
  ["Price at the decision", "arrival_price", (tca) => decimal(tca.arrival_price, 4)],
  ["Worse than that by", "slippage_bps", (tca) => `${decimal(tca.slippage_bps, 2)} bps`],
  ["Which cost", "shortfall_notional", (tca) => decimal(tca.shortfall_notional, 4)],
  ["Of all that was asked for", "shortfall_bps", (tca) => `${decimal(tca.shortfall_bps, 2)} bps`],
];

/// What the read models make of it. A decision that never became an order has none; a replaced order has several.
async function results() {
  const client = clients.at(-1);
  byId("result").hidden = client === undefined;
  if (client === undefined) return;
  await read(byId("result"), `/trading/executions?client_order_id=${encodeURIComponent(client)}&limit=1`, ([row]) => {
    if (!row) {
      fill(byId("results"), element("p", { class: "muted" }, "The read models have not come to it yet."));
      return;
    }
    const own = (from) => ([label, name, text]) => [element("dt", {}, label), figure(element("dd"), name, from[name], { text: text?.(from) })];
    const told = [...resultColumns.map(own(row)), ...costColumns.filter(([, name]) => row.tca?.[name] != null).map(own(row.tca ?? {}))];
    fill(byId("results"), element("dl", { class: "pairs", data: { key: row.id } }, told.flat()));
  });
}

function attempts(events) {
  const rows = of(events, "route.attempt_prepared").map((prepared) => {
    const own = events.filter((event) => event.facts.attempt_id === prepared.facts.attempt_id && event.facts.attempt_id);
    const outcome = own.findLast((event) => /accepted|rejected|unknown/.test(event.type));
    const resolved = own.find((event) => event.type === "route.attempt_resolved");
    return {
      id: prepared.facts.attempt_id ?? prepared.position,
      attempt: prepared.facts.attempt,
      adapter: prepared.facts.execution_adapter,
      outcome: outcome ? outcome.type.replace("route.attempt_", "") : "under way",
      kind: outcome ? eventKind(outcome.type, outcome.facts) : "info",
      latency: outcome?.facts.latency_us ?? null,
      resolution: resolved ? `${words(resolved.facts.resolution)} (${words(resolved.facts.proof ?? "")})` : "",
    };
  });
  table(
    byId("attempts-table"),
    [
      { name: "attempt", label: "No.", header: true, value: (row) => row.attempt },
      { name: "adapter", label: "By", cell: (row) => row.adapter },
      { name: "outcome", label: "Outcome", cell: (row) => badge(words(row.outcome), row.kind) },
      { name: "latency_us", label: "Answer", end: true, value: (row) => row.latency, text: (row) => micros(row.latency) },
      { name: "resolution", label: "Then", cell: (row) => row.resolution },
    ],
    rows,
    { label: "Attempts", empty: "No attempt was made." },
  );
}

function fallbacks(events) {
  const found = of(events, "route.fallback_decided");
  byId("fallback").hidden = found.length === 0;
  fill(
    byId("fallbacks"),
    found.map((event) => {
      const told = [
        ["From → to", `${event.facts.from_adapter} → ${event.facts.to_adapter}`],
        ["Because", words(event.facts.execution_fallback_reason)],
        ["Proof that it is not live", words(event.facts.proof)],
        ["What failed", words(event.facts["degradation.failure_taxonomy"])],
        ["It took", event.facts["degradation.latency_us"] === undefined ? null : micros(event.facts["degradation.latency_us"])],
        [
          "In the window",
          event.facts["degradation.window_requests"] === undefined
            ? null
            : `${event.facts["degradation.window_failures"]} of ${event.facts["degradation.window_requests"]} requests failed in ${event.facts["degradation.window_seconds"]} s`,
        ],
        ["Where it stands", event.position],
      ].filter(([, value]) => value);
      return element("dl", { class: "pairs" }, told.flatMap(([label, value]) => [element("dt", {}, label), element("dd", {}, value)]));
    }),
  );
}

function fills(events) {
  const rows = of(events, "order.broker_update_recorded").filter((event) => event.facts.fill_qty && event.facts.classification === "applied");
  table(
    byId("fills-table"),
    [
      { name: "at", label: "Time", header: true, cell: (row) => precise(row.at) },
      { name: "fill_qty", label: "Quantity", end: true, value: (row) => row.facts.fill_qty, text: (row) => decimal(row.facts.fill_qty) },
      { name: "fill_price", label: "Price", end: true, value: (row) => row.facts.fill_price, text: (row) => decimal(row.facts.fill_price) },
      { name: "position", label: "Where it stands", cell: (row) => element("code", { title: row.position }, row.position.replace("torghut.", "").replace(".v1", "")) },
    ],
    rows,
    { label: "Fills", key: (row) => row.position, empty: "Nothing was filled." },
  );
}

// Told anew when a record names one of its ids; the story is read from the log, so not for every record there is.
let timer = null;
let isTelling = false;
let isStale = false;
let took = 0;

/// What comes while it is told is told behind it: the last event of a story has none after it that would ring.
function ring() {
  if (isTelling) isStale = true;
  else timer ??= setTimeout(tellAnew, Math.max(700, 2 * took));
}

async function tellAnew() {
  timer = null;
  isTelling = true;
  isStale = false;
  const began = performance.now();
  try {
    await show();
  } finally {
    took = performance.now() - began;
    isTelling = false;
    if (isStale) ring();
  }
}

if (id) {
  const first = tellAnew();
  let isFirst = true;
  listen({
    // The stream began anew: something may have been missed.
    snapshot: ring,
    record(type, position, event) {
      if (!event || timer !== null) return;
      // Until its story was told once, its other ids are not known.
      if (!isFirst && !ids.some((known) => JSON.stringify(event).includes(known))) return;
      ring();
    },
  });
  await first;
  isFirst = false;
  refreshOn(["route.", "order."], 1000, results, { atLeast: 10_000 });
}
