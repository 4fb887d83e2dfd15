// How values are shown. What is shown is for the eye: the exact value stands beside it in data-value.

const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/// 12345 -> 12,345; nothing -> –
export function count(value) {
  if (value === null || value === undefined || value === "") return "–";
  const number = Number(value);
  return Number.isFinite(number) ? whole.format(number) : String(value);
}

/// An exact decimal, as text, grouped by thousands; at most `digits` behind the point, never rounded where it is shorter.
export function decimal(value, digits = 9) {
  if (value === null || value === undefined || value === "") return "–";
  const match = /^(-?)([0-9]+)(?:\.([0-9]+))?$/.exec(String(value));
  if (!match) return String(value);
  const [, sign, before, behind = ""] = match;
  if (behind.length > digits) {
    return Number(value).toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  }
  const grouped = before.replace(/\B(?=([0-9]{3})+$)/g, ",");
  return `${sign}${grouped}${behind ? `.${behind}` : ""}`;
}

/// 0.0312 -> 3.12 %
export function percent(value, digits = 1) {
  if (value === null || value === undefined || value === "") return "–";
  const number = Number(value);
  return Number.isFinite(number) ? `${(number * 100).toFixed(digits)} %` : String(value);
}

/// Microseconds, as a person says them.
export function micros(value) {
  if (value === null || value === undefined || value === "") return "–";
  const number = Number(value);
  const size = Math.abs(number);
  if (size < 1000) return `${Math.round(number)} µs`;
  if (size < 1_000_000) return `${(number / 1000).toFixed(size < 10_000 ? 1 : 0)} ms`;
  return seconds(number / 1_000_000);
}

/// Seconds, as a person says them.
export function seconds(value) {
  if (value === null || value === undefined || value === "") return "–";
  const number = Number(value);
  const size = Math.abs(number);
  if (size < 1) return `${Math.round(number * 1000)} ms`;
  if (size < 120) return `${number.toFixed(size < 10 ? 1 : 0)} s`;
  if (size < 7200) return `${Math.round(number / 60)} min`;
  if (size < 172_800) return `${Math.round(number / 3600)} h`;
  return `${Math.round(number / 86_400)} d`;
}

const clockForm = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});
const dayForm = new Intl.DateTimeFormat("en-CA", { year: "numeric", month: "2-digit", day: "2-digit" });

/// The time of day here; with its day when that is not today.
export function clock(time) {
  const date = moment(time);
  if (!date) return "–";
  const isToday = dayForm.format(date) === dayForm.format(new Date());
  return isToday ? clockForm.format(date) : `${dayForm.format(date)} ${clockForm.format(date)}`;
}

/// How long ago: 12 s ago.
export function ago(time) {
  const date = moment(time);
  if (!date) return "–";
  const passed = (Date.now() - date.getTime()) / 1000;
  if (passed < 1) return "now";
  return `${passed < 10 ? Math.floor(passed) + " s" : seconds(passed)} ago`;
}

/// A moment that is text or milliseconds; the API's nanoseconds are more than a Date holds, and are cut.
export function moment(time) {
  if (time === null || time === undefined || time === "") return null;
  const date = new Date(typeof time === "string" ? time.replace(/(\.[0-9]{3})[0-9]+/, "$1") : time);
  return Number.isNaN(date.getTime()) ? null : date;
}

/// Between two moments in microseconds, to the last digit they have; null when one of them is none.
export function microsBetween(from, to) {
  const parts = [from, to].map((time) => /^(.*?)(?:\.([0-9]+))?(Z|[+-][0-9:]+)$/.exec(String(time ?? "")));
  if (parts.some((part) => !part)) return null;
  const [begin, end] = parts.map(([, base, fraction = "", zone]) => {
    const ms = Date.parse(base + zone);
    return ms * 1000 + Number(fraction.padEnd(6, "0").slice(0, 6)) + Number(`0.${fraction.slice(6) || "0"}`);
  });
  const between = end - begin;
  return Number.isFinite(between) ? between : null;
}

/// The beginning of a long id, for the eye.
export function short(id, length = 12) {
  const text = String(id ?? "");
  return text.length > length + 1 ? `${text.slice(0, length)}…` : text || "–";
}

/// attempt_unknown -> attempt unknown
export function words(name) {
  return String(name ?? "").replaceAll("_", " ");
}
