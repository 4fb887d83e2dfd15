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

/// Makes these nodes the children of `target`. Those that stay are not taken out, so that who stands on one keeps it.
export function place(target, nodes) {
  const held = target.contains(document.activeElement) ? document.activeElement : null;
  const staying = new Set(nodes);
  for (const child of [...target.childNodes]) if (!staying.has(child)) child.remove();
  let at = target.firstChild;
  for (const node of nodes) {
    if (node === at) at = at.nextSibling;
    else target.insertBefore(node, at);
  }
  // One that changes its place is taken out after all.
  if (held?.isConnected && document.activeElement !== held) held.focus({ preventScroll: true });
}

/// As `fill`, but what is the same already stays; whoever stood on what was made anew stands on its like.
export function refill(target, items) {
  const held = target.contains(document.activeElement) ? document.activeElement : null;
  const alike = () => [...target.querySelectorAll(held.localName)].filter((one) => one.isEqualNode(held));
  const number = held ? alike().indexOf(held) : -1;
  const free = [...target.children];
  place(target, items.map((item) => {
    const known = free.findIndex((one) => one.isEqualNode(item));
    return known < 0 ? item : free.splice(known, 1)[0];
  }));
  if (held && !held.isConnected) alike()[number]?.focus({ preventScroll: true });
}

/// The element with this id; a page without it is our mistake.
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no element '${id}'`);
  return found;
}
