// What every page has: navigation, theme, connection, token, numbers with their exact values, questions, tables.
//
// startPage({ title })                          builds the frame; call it first
// figure(element, name, value, { text, position })   shows a number; every number goes through it
// positionOf(group, position)                   what a group of numbers was read at
// failed(group, problem)                        why a group has no numbers, inside it; null takes it away
// ask({ title, text, danger, fields, confirm, send }) a dialog; resolves to its values, or null
// act({ …, path, body })                        a dialog that posts, and stays open while it is refused
// tell(message, kind)                           says it once, politely
// table(element, columns, rows)                 a table that keeps its rows

import { get, keepToken, Problem, post, takeTokenFromAddress, token } from "/console/api.js";
import { badge, element, fill, place } from "/console/dom.js";
import { count } from "/console/format.js";
import { listen } from "/console/live.js";

const pages = [
  ["/", "Overview"],
  ["/orders", "Orders"],
  ["/gate", "LEAN rollout gate"],
  ["/safety", "Decision safety"],
  ["/control-plane", "Control plane"],
  ["/backtests", "Backtests"],
];

export function startPage({ title, path = location.pathname }) {
  takeTokenFromAddress();
  // An address with a token that is pasted where the page is open already loads nothing by itself.
  window.addEventListener("hashchange", () => takeTokenFromAddress() && location.reload());
  document.title = `${title} · Torghut`;
  const main = document.querySelector("main");
  main.id = "main";
  main.tabIndex = -1;
  const isHere = (target) => target === path || (target === "/orders" && path === "/order");
  const frame = element(
    "header",
    { class: "top" },
    element("a", { class: "skip", href: "#main" }, "Skip to the page"),
    element("a", { class: "brand", href: "/" }, element("img", { src: "/console/icon.svg", alt: "", width: 22, height: 22 }), "Torghut"),
    element(
      "nav",
      { "aria-label": "Pages" },
      element(
        "ul",
        {},
        pages.map(([target, name]) =>
          element("li", {}, element("a", { href: target, "aria-current": isHere(target) ? "page" : null }, name)),
        ),
      ),
    ),
    element("div", { class: "tools" }, connection(), tokenButton(), themeButton()),
  );
  document.body.prepend(frame);
  document.body.append(
    element("div", { id: "tell", class: "tell", role: "status", "aria-live": "polite", "aria-atomic": "true" }),
  );
  document.addEventListener("torghut-refused", askForToken);
}

function connection() {
  const shown = element("span", { class: "connection", id: "connection", data: { state: "connecting" } }, "connecting");
  const words = { live: "live", connecting: "connecting", waiting: "not live", refused: "no token" };
  listen({
    state(word, text) {
      shown.dataset.state = word;
      const isPlain = word === "live" || word === "connecting";
      fill(shown, words[word], isPlain ? null : element("span", { class: "why" }, text));
    },
  });
  return shown;
}

// Theme

const themes = { system: "System", light: "Light", dark: "Dark" };

function themeButton() {
  const choice = element(
    "select",
    { class: "theme", "aria-label": "Theme" },
    Object.entries(themes).map(([value, name]) => element("option", { value }, name)),
  );
  choice.value = document.documentElement.dataset.theme ?? "system";
  choice.addEventListener("change", () => {
    if (choice.value === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = choice.value;
    try {
      localStorage.setItem("torghut-theme", choice.value);
    } catch {
      // It holds for this page.
    }
    document.dispatchEvent(new CustomEvent("torghut-theme"));
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () =>
    document.dispatchEvent(new CustomEvent("torghut-theme")),
  );
  return choice;
}

// Token

function tokenButton() {
  return element(
    "button",
    { type: "button", class: "quiet", onclick: () => changeToken() },
    token() ? "Token" : "Set token",
  );
}

async function changeToken() {
  const values = await ask({
    title: "Token",
    text: token()
      ? "This tab has a token. Another one takes its place; an empty field forgets it."
      : "Whoever changes something here needs a token, and its roles say what may be done. It stays in this tab alone.",
    fields: [{ name: "token", label: "Token", type: "password", required: false }],
    confirm: "Use it",
  });
  if (!values) return;
  keepToken(values.token.trim());
  location.reload();
}

/// The page cannot be read without a token: a form at its top asks for one.
function askForToken() {
  if (document.getElementById("token-form")) return;
  document.body.dataset.refused = "true";
  const input = element("input", { id: "token-input", type: "password", autocomplete: "off", spellcheck: "false", required: true });
  const form = element(
    "form",
    { id: "token-form", class: "banner", data: { kind: "warn" }, novalidate: true },
    element("label", { for: "token-input" }, token() ? "The token is unknown, or has expired. Another one:" : "A token is needed to read this:"),
    input,
    element("button", { type: "submit", class: "primary" }, "Open"),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!input.value.trim()) return;
    keepToken(input.value.trim());
    location.reload();
  });
  document.querySelector("main").prepend(form);
  input.focus();
}

// Numbers

/// Shows a number: the exact value stands in `data-value`, what is read by eyes in the text.
export function figure(target, name, value, { text, position } = {}) {
  const exact = value === null || value === undefined ? "" : String(value);
  const shown = text ?? (typeof value === "number" || typeof value === "bigint" ? count(value) : exact || "–");
  if (target.dataset.figure !== name) target.dataset.figure = name;
  if (target.dataset.value !== exact || target.textContent !== shown) {
    if (target.dataset.value !== undefined && target.dataset.value !== exact) flash(target);
    target.dataset.value = exact;
    target.textContent = shown;
  }
  if (position) target.dataset.position = position;
  return target;
}

function flash(target) {
  target.classList.remove("changed");
  // The same class twice is one animation: a style that is read in between makes it two.
  void target.offsetWidth;
  target.classList.add("changed");
}

/// What was asked for a group of numbers, and at which position it was answered.
export function positionOf(group, position, read) {
  if (read) group.dataset.read = read;
  if (position) group.dataset.position = position;
  else delete group.dataset.position;
  failed(group, null);
}

/// Says inside a group why it has no numbers, or only old ones; `null` takes it away.
export function failed(group, problem) {
  let note = group.querySelector(":scope > .problem");
  if (!problem) {
    note?.remove();
    return;
  }
  if (!note) {
    note = element("p", { class: "problem", role: "status" });
    const head = group.querySelector(":scope > h2, :scope > h3, :scope > .head");
    if (head) head.after(note);
    else group.prepend(note);
  }
  const text = problem instanceof Problem ? problem.text : "This part of the page failed.";
  if (note.textContent !== text) note.textContent = text;
  if (!(problem instanceof Problem)) console.error(problem);
}

/// Asks for `path`, hands the answer to `show`, and keeps the group's position, or says why there is none. What comes
/// when `isWanted` says no any more, because something else was asked for meanwhile, is nobody's.
export async function read(group, path, show, isWanted = () => true) {
  try {
    const answer = await get(path);
    if (!isWanted()) return null;
    show(answer.body, answer);
    positionOf(group, answer.position, path);
    return answer;
  } catch (problem) {
    if (isWanted()) failed(group, problem);
    return null;
  }
}

// Saying and asking

let saying = null;

/// Says it once: a screen reader reads it when it is free, and it goes by itself.
export function tell(message, kind = "info") {
  const place = document.getElementById("tell");
  place.dataset.kind = kind;
  place.textContent = message;
  place.classList.add("shown");
  clearTimeout(saying);
  saying = setTimeout(() => place.classList.remove("shown"), 8000);
}

/// A dialog. `fields`: { name, label, type, required, value, help, options, maximum }; types: text, textarea, password,
/// number, select, checkbox, datetime-local. `send(values)` may refuse by throwing a Problem: the dialog stays, and says it.
/// What is being sent cannot be taken back, so nothing closes the dialog meanwhile.
export function ask({ title, text, danger = false, fields = [], confirm = "OK", send = null }) {
  return new Promise((resolve) => {
    const id = `ask-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
    const inputs = fields.map((field) => input(field, id));
    const problem = element("p", { class: "problem", role: "alert", hidden: true });
    const yes = element("button", { type: "submit", class: danger ? "danger" : "primary" }, confirm);
    const no = element("button", { type: "button", class: "quiet" }, "Cancel");
    const form = element(
      "form",
      { novalidate: true },
      element("h2", { id }, title),
      text ? element("p", {}, text) : null,
      inputs.map((one) => one.row),
      problem,
      element("div", { class: "actions" }, no, yes),
    );
    const dialog = element("dialog", { class: danger ? "danger" : null, "aria-labelledby": id }, form);
    const before = document.activeElement;
    let isOver = false;
    const end = (values) => {
      if (isOver) return;
      isOver = true;
      const hasFocus = dialog.open;
      dialog.close();
      dialog.remove();
      if (hasFocus) before?.focus?.();
      resolve(values);
    };
    const refuse = (why) => {
      problem.textContent = why;
      problem.hidden = false;
    };
    // A browser lets a page refuse Escape once, and closes at the second: its key is kept from it.
    const keep = (event) => event.key === "Escape" && event.preventDefault();
    const sending = (isSending) => {
      yes.disabled = no.disabled = isSending;
      form.setAttribute("aria-busy", String(isSending));
      if (isSending) window.addEventListener("keydown", keep, true);
      else window.removeEventListener("keydown", keep, true);
    };
    no.addEventListener("click", () => end(null));
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      if (!yes.disabled) end(null);
    });
    // A telephone's own gesture may close it all the same: what is under way then ends it, and says how it went.
    dialog.addEventListener("close", () => !yes.disabled && end(null));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const missing = inputs.find((one) => one.isMissing());
      for (const one of inputs) one.control.setAttribute("aria-invalid", String(one.isMissing()));
      if (missing) {
        refuse(`${missing.label}: say it, please.`);
        missing.control.focus();
        return;
      }
      const values = Object.fromEntries(inputs.map((one) => [one.name, one.value()]));
      if (!send) return end(values);
      const held = document.activeElement;
      sending(true);
      try {
        const answer = (await send(values)) ?? values;
        sending(false);
        end(answer);
      } catch (failure) {
        sending(false);
        if (!(failure instanceof Problem)) console.error(failure);
        if (!dialog.open) {
          tell(failure instanceof Problem ? failure.text : String(failure), "bad");
          return end(null);
        }
        if (failure.status === 401 || failure.status === 403) for (const one of inputs) one.row.hidden = false;
        refuse(failure instanceof Problem ? failure.text : String(failure));
        if (!dialog.contains(document.activeElement)) held.focus();
      }
    });
    document.body.append(dialog);
    dialog.showModal();
    (inputs[0]?.control ?? no).focus();
  });
}

function input(field, prefix) {
  const { name, label, type = "text", required = true, value = "", help, options = [], maximum, whenRefused } = field;
  const id = `${prefix}-${name}`;
  const own = { id, name, required, "aria-describedby": help ? `${id}-help` : null, maxlength: maximum };
  let control;
  if (type === "textarea") control = element("textarea", { ...own, rows: 4 });
  else if (type === "select") {
    const choices = options.map((one) => (typeof one === "string" ? { value: one, label: one } : one));
    control = element("select", own, choices.map((one) => element("option", { value: one.value }, one.label)));
  } else control = element("input", { ...own, type, autocomplete: "off", spellcheck: type === "password" ? "false" : null });
  if (type === "checkbox") control.checked = Boolean(value);
  else if (value !== "") control.value = value;
  const row = element(
    "div",
    { class: type === "checkbox" ? "field check" : "field", hidden: whenRefused },
    element("label", { for: id }, label, required || type === "checkbox" ? null : element("span", { class: "muted" }, " (optional)")),
    control,
    help ? element("p", { id: `${id}-help`, class: "help" }, help) : null,
  );
  return {
    name,
    label,
    row,
    control,
    isMissing: () => required && type !== "checkbox" && control.value.trim() === "",
    value: () => (type === "checkbox" ? control.checked : control.value.trim()),
  };
}

/// A dialog whose values are posted: `body(values)` makes the body. It resolves to the answer, or null.
///
/// It asks for a token where this tab has none, or where the one it has may not. What is refused is said in the dialog.
export function act({ title, text, danger, fields = [], confirm, path, body = (values) => values, done }) {
  const asksForToken = !token();
  const tokenField = {
    name: "token",
    label: asksForToken ? "Token" : "Another token",
    type: "password",
    required: asksForToken,
    help: asksForToken
      ? "One whose roles may do this. It is used for this alone."
      : "One whose roles may do this: this tab's own was refused.",
    whenRefused: !asksForToken,
  };
  return ask({
    title,
    text,
    danger,
    confirm,
    fields: [...fields, tokenField],
    async send({ token: shown, ...values }) {
      const answer = await post(typeof path === "function" ? path(values) : path, body(values), { token: shown });
      tell(typeof done === "function" ? done(answer.body) : (done ?? "Done."), "ok");
      return answer;
    },
  });
}

/// The usual first field of whatever changes something.
export const reasonField = {
  name: "reason",
  label: "Reason",
  help: "It stands in the log with your token's name, for whoever asks why.",
  maximum: 512,
};

// Tables

/// Shows rows in a table and keeps those it has: a row is known by `key`, and only what differs is written.
///
/// columns: { name, label, value(row), text(row), cell(row), end, header, wide }. With `value` the cell is a figure:
/// `data-figure` is the column's name, `data-key` of its row the row's key. `cell` gives a node or a text.
export function table(target, columns, rows, { caption, key = (row) => row.id, empty = "Nothing here.", label } = {}) {
  let own = target.querySelector("table");
  const isNew = !own;
  if (!own) {
    own = element("table", {}, element("caption"), element("thead"), element("tbody"));
    fill(target, element("div", { class: "scroll", role: "region", tabindex: 0, "aria-label": label ?? caption ?? "Table" }, own));
    fill(
      own.tHead,
      element(
        "tr",
        {},
        columns.map((column) => element("th", { scope: "col", class: column.end ? "end" : null }, column.label)),
      ),
    );
  }
  const name = caption ?? label ?? "";
  if (own.caption.textContent !== name) own.caption.textContent = name;
  own.caption.classList.toggle("unseen", !caption);
  const body = own.tBodies[0];
  if (rows.length === 0) {
    fill(body, element("tr", { class: "empty" }, element("td", { colspan: columns.length }, empty)));
    return own;
  }
  const had = new Map([...body.rows].map((row) => [row.dataset.key, row]));
  const kept = rows.map((row) => {
    const id = String(key(row));
    const line = had.get(id) ?? element("tr", { class: isNew || had.size === 0 ? null : "fresh", data: { key: id } });
    columns.forEach((column, index) => write(line, column, index, row));
    return line;
  });
  place(body, kept);
  return own;
}

function write(line, column, index, row) {
  let cell = line.cells[index];
  if (!cell) {
    cell = element(column.header ? "th" : "td", {
      scope: column.header ? "row" : null,
      class: [column.end ? "end" : "", column.wide ? "wide" : ""].join(" ").trim() || null,
      data: { label: column.label },
    });
    line.append(cell);
  }
  if (column.value) {
    figure(cell, column.name, column.value(row), { text: column.text?.(row) });
    return;
  }
  const content = column.cell ? (column.cell(row) ?? "") : (row[column.name] ?? "–");
  if (content === "") {
    cell.replaceChildren();
    return;
  }
  const made = content instanceof Node ? content : document.createTextNode(String(content));
  const same = cell.childNodes.length === 1 && cell.firstChild.isEqualNode(made);
  if (!same) fill(cell, made);
}

export { badge, element, fill };
