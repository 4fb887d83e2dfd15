// Orders: a live table with filters, page by page.

import { badge, byId, element, fill } from "/console/dom.js";
import { clock, decimal, words } from "/console/format.js";
import { refreshOn } from "/console/live.js";
import { orderKinds } from "/console/order-words.js";
import { figure, read, startPage, table } from "/console/page.js";

startPage({ title: "Orders" });

const pageSize = 50;
const names = ["symbol", "status", "adapter", "since", "until"];
const form = byId("filters");

for (const status of Object.keys(orderKinds)) {
  byId("f-status").append(element("option", { value: status }, words(status)));
}

// What is asked for stands in the address, so that it can be kept and sent on.
const asked = new URLSearchParams(location.search);
for (const name of names) if (asked.get(name)) form.elements[name].value = asked.get(name);

/// The cursors of the pages before this one; empty on the first.
let before = [];
let cursor = null;
let next = null;
/// Which turn of pages is the latest: an answer to an earlier one comes too late.
let turns = 0;
const pager = ["newest", "newer", "older"].map(byId);

function path() {
  const query = new URLSearchParams({ limit: String(pageSize) });
  for (const name of names) {
    const value = form.elements[name].value.trim();
    if (!value) continue;
    query.set(name, name === "since" || name === "until" ? new Date(value).toISOString() : value);
  }
  if (cursor) query.set("cursor", cursor);
  // A symbol's slash is one of the letters that the API takes as they are.
  return `/trading/executions?${query.toString().replaceAll("%2F", "/")}`;
}

const columns = [
  {
    name: "created_at",
    label: "Began",
    header: true,
    cell: (row) => element("a", { href: `/order?id=${encodeURIComponent(row.client_order_id)}` }, clock(row.created_at)),
  },
  { name: "symbol", label: "Symbol", cell: (row) => element("strong", {}, row.symbol) },
  { name: "side", label: "Side", cell: (row) => row.side ?? "–" },
  { name: "submitted_qty", label: "Quantity", end: true, value: (row) => row.submitted_qty, text: (row) => decimal(row.submitted_qty) },
  { name: "filled_qty", label: "Filled", end: true, value: (row) => row.filled_qty, text: (row) => decimal(row.filled_qty) },
  { name: "avg_fill_price", label: "At", end: true, value: (row) => row.avg_fill_price, text: (row) => decimal(row.avg_fill_price, 4) },
  { name: "status", label: "Status", cell: (row) => badge(words(row.status), orderKinds[row.status] ?? "info") },
  { name: "execution_route", label: "Route", cell: (row) => route(row) },
  { name: "execution_fallback_count", label: "Fallbacks", end: true, value: (row) => row.execution_fallback_count },
  { name: "execution_fallback_reason", label: "Fell back because", wide: true, cell: (row) => (row.execution_fallback_reason ? words(row.execution_fallback_reason) : "") },
  { name: "strategy_id", label: "Strategy", cell: (row) => row.strategy_id ?? "–" },
];

function route(row) {
  const text = row.execution_route ?? (row.execution_adapter === "unknown" ? "–" : `${row.execution_adapter}, not taken`);
  return text.replace("->", " → ");
}

async function show() {
  const own = turns;
  await read(byId("orders"), path(), (rows, answer) => {
    next = answer.cursor;
    table(byId("orders-table"), columns, rows, { label: "Orders", empty: "No order is like that." });
    figure(byId("page-text"), "orders.rows", rows.length, {
      text: before.length === 0 ? `the newest ${rows.length}` : `page ${before.length + 1}, ${rows.length} orders; it stands still`,
    });
  }, () => own === turns);
  // After a refusal too: there is a way back from a page that could not be had.
  if (own !== turns) return;
  byId("older").disabled = !next;
  byId("newer").disabled = byId("newest").disabled = before.length === 0;
}

/// While a page is on its way there is none to turn from it.
async function turn(to, stack) {
  const held = pager.find((button) => button === document.activeElement);
  turns += 1;
  cursor = to;
  before = stack;
  next = null;
  for (const button of pager) button.disabled = true;
  byId("orders-table").replaceChildren();
  await show();
  // A button that cannot be pressed lost the keyboard's focus.
  if (held && document.activeElement === document.body) [held, ...pager].find((button) => !button.disabled)?.focus();
}

byId("older").addEventListener("click", () => next && turn(next, [...before, cursor]));
byId("newer").addEventListener("click", () => turn(before.at(-1) ?? null, before.slice(0, -1)));
byId("newest").addEventListener("click", () => turn(null, []));

function choose() {
  const query = new URLSearchParams();
  for (const name of names) if (form.elements[name].value.trim()) query.set(name, form.elements[name].value.trim());
  history.replaceState(null, "", `${location.pathname}${query.size > 0 ? `?${query}` : ""}`);
  return turn(null, []);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  choose();
});
form.addEventListener("reset", () => setTimeout(choose));
for (const name of ["status", "adapter"]) form.elements[name].addEventListener("change", choose);

byId("find").addEventListener("submit", (event) => {
  event.preventDefault();
  const id = byId("find-id").value.trim();
  if (id) location.href = `/order?id=${encodeURIComponent(id)}`;
});

// The first page moves; a page that was turned to stands still, so that nothing slips away while it is read.
refreshOn(["route.", "order.", "intent."], 1000, async () => {
  if (before.length === 0) await show();
}, { atLeast: 10_000 });
