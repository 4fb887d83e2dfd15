// Questions to the API, and what it refuses.
//
// get(path)        -> { body, position, cursor, etag, status }
// post(path, body) -> the same
// Both throw a Problem. Nothing of an answer is kept by the browser: `no-store`.

const key = "torghut-token";
const patience = 20_000;

/// Why a question was not answered as it was meant (RFC 9457); status 0 is an API that was not reached.
export class Problem extends Error {
  constructor({ status, code, title, detail, errors, retryAfter }) {
    super(detail || title);
    this.name = "Problem";
    this.status = status;
    this.code = code;
    this.title = title;
    this.detail = detail;
    this.errors = errors ?? [];
    this.retryAfter = retryAfter ?? null;
  }

  /// One line for a person.
  get text() {
    const faults = this.errors.map((fault) => `${fault.name}: ${fault.reason}`);
    return [this.detail || this.title, ...faults].join("; ");
  }
}

/// The token of this tab; null when there is none.
export function token() {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null;
  }
}

/// Keeps a token for this tab alone, until it is closed; null forgets it.
export function keepToken(text) {
  if (text) sessionStorage.setItem(key, text);
  else sessionStorage.removeItem(key);
}

/// What was shown last and refused: it is not shown again, until the page is opened anew.
let refused;

/// A token of this tab that is known to be worth nothing; a page need not ask with it.
export function isRefused() {
  return refused !== undefined && refused === token();
}

export function noteRefusal(problem) {
  refused = token();
  document.dispatchEvent(new CustomEvent("torghut-refused", { detail: problem }));
}

/// Takes `#token=…` out of the address, so that it is in no history and no screenshot; true when there was one.
export function takeTokenFromAddress() {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (!given) return false;
  keepToken(given);
  history.replaceState(null, "", location.pathname + location.search);
  return true;
}

/// Headers of a question; `shown` is a token for this question alone.
export function headers(shown) {
  const own = shown || token();
  return own ? { Authorization: `Bearer ${own}` } : {};
}

export function get(path, { signal, token: shown } = {}) {
  if (!shown && isRefused()) return Promise.reject(refusal());
  return exchange(path, { method: "GET", headers: headers(shown), signal });
}

export function post(path, body, { signal, token: shown } = {}) {
  return exchange(path, {
    method: "POST",
    headers: { ...headers(shown), "Content-Type": "application/json" },
    body: JSON.stringify(body ?? {}),
    signal,
    // What a token for this alone is worth says nothing of the tab's own.
    isOnce: Boolean(shown),
  });
}

function refusal() {
  return new Problem({ status: 401, code: "unauthorized", title: "unauthorized", detail: "A token is needed to read this." });
}

/// Asks until there is an answer or somebody must look: an API that is away is asked again after what it says.
export async function getPatiently(path, { signal, attempts = 5 } = {}) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await get(path, { signal });
    } catch (problem) {
      if (!(problem instanceof Problem) || attempt >= attempts) throw problem;
      if (problem.status !== 0 && problem.status !== 503) throw problem;
      await new Promise((resolve) => setTimeout(resolve, 1000 * (problem.retryAfter ?? Math.min(attempt, 4))));
    }
  }
}

async function exchange(path, { isOnce, ...options }) {
  const limits = [AbortSignal.timeout(patience), options.signal].filter(Boolean);
  let answer;
  let text;
  try {
    answer = await fetch(path, {
      ...options,
      signal: AbortSignal.any(limits),
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      referrerPolicy: "no-referrer",
    });
    text = await answer.text();
  } catch (failure) {
    if (options.signal?.aborted) throw failure;
    const late = failure?.name === "TimeoutError";
    throw new Problem({
      status: 0,
      code: late ? "timeout" : "unreachable",
      title: late ? "no answer in time" : "the API was not reached",
      detail: late
        ? `The API gave no answer to ${path} within ${patience / 1000} s.`
        : "The API was not reached. Is the program still running?",
    });
  }
  if (!answer.ok) throw await problemOf(answer, text, path, isOnce);
  return {
    body: parsed(text, path, answer.status),
    status: answer.status,
    position: answer.headers.get("Torghut-Position"),
    cursor: answer.headers.get("Torghut-Next-Cursor"),
    etag: answer.headers.get("ETag"),
  };
}

function parsed(text, path, status) {
  if (!text) return null;
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem({
      status,
      code: "unreadable",
      title: "unreadable answer",
      detail: `The answer to ${path} is no JSON.`,
    });
  }
}

async function problemOf(answer, text, path, isOnce) {
  let told = {};
  try {
    told = JSON.parse(text) ?? {};
  } catch {
    // Something before the API answered: its status is all there is.
  }
  const retryAfter = Number.parseInt(answer.headers.get("Retry-After") ?? "", 10);
  const problem = new Problem({
    status: answer.status,
    code: told.code ?? "unknown",
    title: told.title ?? `status ${answer.status}`,
    detail: told.detail ?? `${path} was answered with ${answer.status}.`,
    errors: told.errors,
    retryAfter: Number.isFinite(retryAfter) ? retryAfter : null,
  });
  if (answer.status === 401 && !isOnce) noteRefusal(problem);
  return problem;
}
