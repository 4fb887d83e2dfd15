// Quarantine: records that hold up their keys, and what a person decides about them.
//
// Whatever is decided is tried first, and said on the log only when a person has seen what would come of it.

import { get } from "/console/api.js";
import { badge, byId, element, fill } from "/console/dom.js";
import { ago, clock, count, words } from "/console/format.js";
import { refreshOn } from "/console/live.js";
import { act, read, reasonField, table } from "/console/page.js";
import { stats } from "/console/stats.js";

const shown = 50;
const actions = {
  release: { title: "Release", confirm: "Release it", text: "The record is folded as it is: a newer program may be able to. Those behind it follow." },
  patch: { title: "Patch", confirm: "Patch it", text: "Your text is folded in the record's place; the log keeps the record. Those behind it follow." },
  skip: { title: "Skip", confirm: "Skip it", text: "The record is left out for good. Those behind it follow." },
};

export function startQuarantine() {
  byId("quarantine").addEventListener("click", clicked);
  refreshOn(["control.quarantine_released", "control.quarantine_skipped", "control.quarantine_patched"], 1000, refresh, { atLeast: 5000 });
}

async function refresh() {
  await waiting();
  await decided();
}

async function waiting() {
  await read(byId("quarantine"), `/trading/quarantine/waiting?limit=${shown}`, (body) => {
    const state = body.records === 0 ? badge("nothing waits", "ok") : badge(`${count(body.records)} to decide`, "warn");
    fill(byId("quarantine-state"), state);
    stats(byId("quarantine-sum"), [
      { name: "quarantine.records", label: "Records that hold up a key", value: body.records },
      { name: "quarantine.parked", label: "Times parked, by read models", value: body.parked },
      { name: "quarantine.behind", label: "Records behind them", value: body.behind },
    ]);
    table(
      byId("quarantine-table"),
      [
        { name: "record", label: "Record", header: true, cell: (row) => element("span", { class: "mono" }, row.record) },
        { name: "key", label: "Key", cell: (row) => row.key ?? "none" },
        { name: "why", label: "Why", wide: true, cell: why },
        { name: "waiting.record_at", label: "Written", value: (row) => row.record_at, text: (row) => ago(row.record_at) },
        { name: "by", label: "Parked by", wide: true, cell: (row) => row.projections.map((one) => words(one.projection)).join(", ") },
        { name: "waiting.behind", label: "Behind it", end: true, value: behind },
        { name: "act", label: "Decide", cell: (row) => buttons(row.record) },
      ],
      body.items,
      {
        label: "Records in quarantine",
        key: (row) => row.record,
        empty: "Everything that was written could be folded.",
        caption: body.items.length < body.records ? `The first ${body.items.length} of ${body.records}` : undefined,
      },
    );
    const panel = byId("record");
    if (!panel.hidden && !body.items.some((one) => one.record === panel.dataset.record)) panel.hidden = true;
  });
}

function behind(row) {
  return row.projections.reduce((sum, one) => sum + one.behind, 0);
}

function why(row) {
  const first = row.projections[0];
  return [words(first.reason), first.path, first.detail].filter(Boolean).join(" · ");
}

function buttons(record) {
  const one = (action, label) => element("button", { type: "button", data: { action, record } }, label);
  return element("span", { class: "buttons" }, one("look", "Look"), ...Object.keys(actions).map((name) => one(name, `${actions[name].title}…`)));
}

async function decided() {
  await read(byId("decided"), "/trading/control/history?control=quarantine&limit=20", (rows) => {
    table(
      byId("decided-table"),
      [
        { name: "decided.at", label: "When", value: (row) => row.event_ts, text: (row) => clock(row.event_ts) },
        { name: "name", label: "Record", cell: (row) => element("span", { class: "mono" }, row.name) },
        { name: "state", label: "What", cell: (row) => badge(row.state, row.state === "skipped" ? "warn" : "ok") },
        { name: "value", label: "Read model", cell: (row) => words(row.value) },
        { name: "actor", label: "By" },
        { name: "reason", label: "Why", wide: true },
      ],
      rows,
      { label: "Decisions about records", key: (row) => row.event_id, empty: "Nobody had to decide anything yet." },
    );
  });
}

async function clicked(event) {
  const button = event.target.closest("button[data-record]");
  if (!button) return;
  const { action, record } = button.dataset;
  if (action === "look") await look(record);
  else await decide(action, record);
}

/// Everything about one record: its text, who parked it, what waits behind it.
async function look(record) {
  const panel = byId("record");
  panel.hidden = false;
  panel.dataset.record = record;
  const path = `/trading/quarantine/waiting?record=${encodeURIComponent(record)}`;
  fill(panel, element("h3", {}, record));
  await read(panel, path, ({ items: [item] }) => {
    if (!item) return fill(panel, element("h3", {}, record), element("p", {}, "It does not wait any more."));
    const facts = [
      ["Key", item.key ?? "none"],
      ["Type", item.event_type ?? "could not be read"],
      ["Written", `${item.record_at} (${ago(item.record_at)})`],
      ["Bytes", count(item.bytes)],
      ...item.projections.map((one) => [
        `${words(one.projection)} ${one.version}, partition ${one.partition}`,
        `${[words(one.reason), one.path, one.detail].filter(Boolean).join(" · ")}. Behind it: ${offsets(one)}`,
      ]),
    ];
    return fill(
      panel,
      element("h3", {}, record),
      element("dl", { class: "pairs" }, facts.flatMap(([name, text]) => [element("dt", {}, name), element("dd", {}, String(text))])),
      element(
        "pre",
        { tabindex: 0, role: "region", "aria-label": `Text of ${record}` },
        item.value === null ? "It is no text; torghut quarantine show has its bytes." : pretty(item.value),
      ),
    );
  });
  panel.scrollIntoView({ block: "nearest" });
}

function offsets(one) {
  if (one.behind === 0) return "nothing";
  const more = one.behind - one.behind_offsets.length;
  return `${count(one.behind)}, at ${one.behind_offsets.join(", ")}${more > 0 ? ` and ${count(more)} more` : ""}`;
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

async function decide(action, record) {
  const { title, text, confirm } = actions[action];
  const fields = [reasonField];
  if (action === "patch") fields.unshift({ name: "value", label: "The text to fold instead", type: "textarea", value: await textOf(record) });
  let said = {};
  const tried = await act({
    title: `${title} ${record}`,
    text: `${text} First it is only tried: nothing is written.`,
    fields,
    confirm: "Try it",
    path: "/trading/quarantine",
    body(values) {
      said = { ...values, record, action };
      return { ...said, dry_run: true };
    },
    done: (body) => `Tried: it would ${body.would}.`,
  });
  if (!tried) return;
  const names = tried.body.projections.map(words).join(", ");
  const done = await act({
    title: `${title} ${record}?`,
    text: `It would ${tried.body.would} in ${names}. An event on the log says so, with your reason: “${said.reason}”.`,
    confirm,
    danger: action === "skip",
    path: "/trading/quarantine?wait=10",
    body: () => said,
    done: (body) => `Said at ${body.said_at.join(", ")}.`,
  });
  if (done) await refresh();
}

/// What the record says, to be changed; empty where it is no text.
async function textOf(record) {
  try {
    const answer = await get(`/trading/quarantine/waiting?record=${encodeURIComponent(record)}`);
    const item = answer.body.items[0];
    // Of a long one only the beginning is told: nobody should fold half a record.
    return item?.value && item.bytes === new TextEncoder().encode(item.value).length ? item.value : "";
  } catch {
    // Whoever patches then writes all of it; the try-out says what is missing.
    return "";
  }
}
