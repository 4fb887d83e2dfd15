// What happens, as it happens: one stream of server-sent events for a page, whoever on it listens.
//
// listen({ snapshot(body), record(type, position, event), lag(body), state(word, text) }) -> stop()
// refreshOn(types, ms, fn) -> stop(): calls fn at most every ms when such events come.
//
// It goes on where it ended (Last-Event-ID), so that no record is left out. A record may come twice: it is known by its
// position. State is one of: connecting, live, waiting, refused.

import { headers, isRefused, noteRefusal, Problem } from "/console/api.js";

const path = "/trading/stream";
/// The server says something every 5 s; a stream that is silent for longer is dead.
const silence = 25_000;
const longestWait = 15_000;

const listeners = new Set();
let running = false;
let lastSnapshot = null;
let lastLag = null;
let current = { word: "connecting", text: "connecting to the stream" };

export function listen(listener) {
  listeners.add(listener);
  listener.state?.(current.word, current.text);
  if (lastSnapshot) listener.snapshot?.(lastSnapshot);
  if (lastLag) listener.lag?.(lastLag);
  if (!running) {
    running = true;
    run();
  }
  return () => listeners.delete(listener);
}

/// Calls `fn` soon after events of these types, never more often than every `ms`, never two at a time.
///
/// The read models fold an event a moment after the log has it: behind the last event of a burst `fn` is called once
/// more. `types` are whole types or beginnings that end with a dot ("route."); "*" is any. It is also called when the
/// stream begins anew, because something may have been missed, and at least every `atLeast` ms while the page is seen.
export function refreshOn(types, ms, fn, { atLeast = 30_000 } = {}) {
  const wanted = (type) =>
    types.some((known) => known === "*" || known === type || (known.endsWith(".") && type.startsWith(known)));
  let timer = null;
  let isRunning = false;
  let left = 0;
  let lastRun = Number.NEGATIVE_INFINITY;
  let isStopped = false;

  const schedule = () => {
    if (timer !== null || isRunning || isStopped) return;
    const wait = Math.max(0, lastRun + ms - performance.now());
    timer = setTimeout(turn, Math.max(wait, Math.min(ms, 250)));
  };
  const turn = async () => {
    timer = null;
    isRunning = true;
    lastRun = performance.now();
    left -= 1;
    try {
      await fn();
    } catch (failure) {
      if (!(failure instanceof Problem)) console.error(failure);
    }
    isRunning = false;
    if (left > 0) schedule();
  };
  const ring = () => {
    left = 2;
    schedule();
  };
  const stopListening = listen({
    snapshot: ring,
    record: (type) => {
      if (wanted(type)) ring();
    },
  });
  const poll = setInterval(() => {
    if (document.visibilityState === "visible" && performance.now() - lastRun >= atLeast) ring();
  }, 1000);
  return () => {
    isStopped = true;
    clearTimeout(timer);
    clearInterval(poll);
    stopListening();
  };
}

function each(what, ...values) {
  for (const listener of [...listeners]) {
    try {
      listener[what]?.(...values);
    } catch (failure) {
      console.error(failure);
    }
  }
}

function become(word, text) {
  if (current.word === word && current.text === text) return;
  current = { word, text };
  each("state", word, text);
}

/// Until the page is left: connects, reads, and comes again.
async function run() {
  let id = null;
  let retry = 1000;
  let failures = 0;
  const place = {
    get id() {
      return id;
    },
    set id(value) {
      id = value;
    },
    set retry(value) {
      retry = value;
    },
  };
  for (;;) {
    let wait = Math.min(retry * 2 ** Math.min(failures, 4), longestWait);
    try {
      const ended = await connect(place);
      failures = ended ? 0 : failures + 1;
      wait = retry;
      become("waiting", "the stream ended; coming again");
    } catch (problem) {
      failures += 1;
      if (problem.status === 409) {
        // It was away for too long: begin anew, with a snapshot.
        id = null;
        wait = 0;
      } else if (problem.status === 401 || problem.status === 403) {
        become("refused", "no live updates: a token is needed");
        // Another token opens the page anew.
        if (isRefused()) return;
        wait = longestWait;
      } else {
        become("waiting", problem.status === 503 ? `no live updates: ${problem.text}` : "no connection; coming again");
        if (problem.retryAfter) wait = problem.retryAfter * 1000;
      }
    }
    await pause(wait);
    await seen();
  }
}

/// A page that nobody sees gives its connection back after a while: a browser has six of them for all its tabs.
const unseenFor = 10_000;

function seen() {
  if (document.visibilityState === "visible") return null;
  become("waiting", "the page is not seen; it goes on when it is");
  return new Promise((resolve) => {
    document.addEventListener("visibilitychange", resolve, { once: true });
  });
}

/// Calls `stop` when the page was out of sight for long; the answer takes the watch away.
function whenUnseen(stop) {
  let timer = null;
  const look = () => {
    clearTimeout(timer);
    if (document.visibilityState !== "visible") timer = setTimeout(stop, unseenFor);
  };
  document.addEventListener("visibilitychange", look);
  look();
  return () => {
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", look);
  };
}

/// Waits, and is woken early when the machine is on the network again.
function pause(ms) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      window.removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    window.addEventListener("online", done);
  });
}

/// One connection, from its first byte to its last; true when it carried something.
async function connect(place) {
  const stop = new AbortController();
  const stopWatching = whenUnseen(() => stop.abort());
  let guard = setTimeout(() => stop.abort(), silence);
  const heard = () => {
    clearTimeout(guard);
    guard = setTimeout(() => stop.abort(), silence);
  };
  try {
    const own = { ...headers(), Accept: "text/event-stream" };
    if (place.id) own["Last-Event-ID"] = place.id;
    const answer = await fetch(path, {
      headers: own,
      signal: stop.signal,
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
    });
    if (!answer.ok) throw await refusal(answer);
    become("live", "live");
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    const parser = new EventParser(place);
    let carried = false;
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return carried;
      heard();
      carried = true;
      parser.take(value);
    }
  } finally {
    clearTimeout(guard);
    stopWatching();
    stop.abort();
  }
}

async function refusal(answer) {
  let told = {};
  try {
    told = await answer.json();
  } catch {
    // Its status is all there is.
  }
  const problem = new Problem({
    status: answer.status,
    code: told.code ?? "unknown",
    title: told.title ?? `status ${answer.status}`,
    detail: told.detail ?? "",
    retryAfter: Number.parseInt(answer.headers.get("Retry-After") ?? "", 10) || null,
  });
  if (answer.status === 401) noteRefusal(problem);
  return problem;
}

/// The text of a stream, cut into events.
class EventParser {
  constructor(place) {
    this.place = place;
    this.rest = "";
    this.clear();
  }

  clear() {
    this.type = "message";
    this.data = [];
    this.id = null;
  }

  take(text) {
    this.rest += text;
    for (;;) {
      const end = this.rest.indexOf("\n");
      if (end < 0) return;
      const line = this.rest.slice(0, end).replace(/\r$/, "");
      this.rest = this.rest.slice(end + 1);
      this.line(line);
    }
  }

  line(line) {
    if (line === "") return this.dispatch();
    if (line.startsWith(":")) return undefined;
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") this.type = value;
    else if (field === "data") this.data.push(value);
    else if (field === "id") this.id = value;
    else if (field === "retry" && /^[0-9]+$/.test(value)) this.place.retry = Number(value);
    return undefined;
  }

  dispatch() {
    const { type, data, id } = this;
    this.clear();
    if (id) this.place.id = id;
    if (data.length === 0) return;
    let body;
    try {
      body = JSON.parse(data.join("\n"));
    } catch (failure) {
      console.error(failure);
      return;
    }
    if (type === "snapshot") {
      lastSnapshot = body;
      lastLag = body.lag ?? lastLag;
      each("snapshot", body);
      if (body.lag) each("lag", body.lag);
    } else if (type === "lag") {
      lastLag = body;
      each("lag", body);
    } else {
      each("record", type, body.position, body.event);
    }
  }
}
