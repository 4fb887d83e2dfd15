// Small shapes that several pages show: rows of large numbers, and pairs of a name and a text.
//
// stats(dl, [{ name, label, value, text, note }])  each a figure; an element is kept as long as its name is
// pairs(dl, [[label, content]])                    content is a text or a node
// since(time, now)                                 seconds between two moments, never below zero; null without one
// options(select, [[value, label]], usual)         keeps what was chosen while it is still there

import { element, fill } from "/console/dom.js";
import { moment } from "/console/format.js";
import { figure } from "/console/page.js";

export function stats(list, items) {
  const had = new Map([...list.children].map((row) => [row.dataset.stat, row]));
  const rows = items.map(({ name, label, value, text, note }) => {
    const row = had.get(name) ?? element("div", { data: { stat: name } }, element("dt"), element("dd"), element("dd"));
    const [head, number, below] = row.children;
    if (head.textContent !== label) head.textContent = label;
    figure(number, name, value, { text });
    below.hidden = !note;
    if (below.textContent !== (note ?? "")) below.textContent = note ?? "";
    return row;
  });
  const isSame = rows.length === list.children.length && rows.every((row, index) => list.children[index] === row);
  if (!isSame) list.replaceChildren(...rows);
}

export function pairs(list, items) {
  const made = items.flatMap(([label, content]) => [element("dt", {}, label), element("dd", {}, content ?? "–")]);
  const isSame = made.length === list.children.length && made.every((one, at) => list.children[at].isEqualNode(one));
  if (!isSame) fill(list, made);
}

export function since(time, now) {
  const [from, to] = [moment(time), moment(now)];
  return from && to ? Math.max(0, (to.getTime() - from.getTime()) / 1000) : null;
}

export function options(select, choices, usual) {
  const wanted = JSON.stringify(choices);
  if (select.dataset.choices === wanted) return select.value;
  const before = select.value;
  select.dataset.choices = wanted;
  fill(select, choices.map(([value, label]) => element("option", { value }, label)));
  const known = choices.map(([value]) => value);
  select.value = known.includes(before) ? before : known.includes(usual) ? usual : (known[0] ?? "");
  return select.value;
}
