// Elements without markup in text: nothing that comes from the API is ever read as HTML.

/// element("p", { class: "note" }, "text", child, …); null children are left out.
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (key === "data") Object.assign(made.dataset, value);
    else made.setAttribute(key, value === true ? "" : String(value));
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

/// A state in a word, with a sign and a colour: ok, warn, bad, info, off, unknown.
export function badge(text, kind = "info") {
  return element("span", { class: "badge", data: { kind } }, text);
}

/// Replaces what is in an element, unless it is the same text already.
export function fill(target, ...children) {
  target.replaceChildren(...children.flat().filter((child) => child !== null && child !== undefined));
  return target;
}

/// The element with this id; a page without it is our mistake.
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no element '${id}'`);
  return found;
}
