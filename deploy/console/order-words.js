// What the words of orders and their events are to the eye.

/// Every status an order can have, and how it is shown.
export const orderKinds = {
  prepared: "info",
  unknown: "unknown",
  new: "info",
  accepted: "info",
  pending_new: "info",
  accepted_for_bidding: "info",
  partially_filled: "info",
  filled: "ok",
  done_for_day: "off",
  canceled: "off",
  expired: "off",
  replaced: "off",
  pending_cancel: "warn",
  pending_replace: "warn",
  stopped: "warn",
  rejected: "bad",
  suspended: "warn",
  calculated: "info",
  held: "warn",
  pending_review: "warn",
};

/// What an event is, in words; others are shown by their type.
export const eventNames = {
  "decision.recorded": "Decision",
  "intent.emitted": "Intent: it may become an order",
  "decision.rejected": "Rejected: it does not become an order",
  "decision.blocked": "Blocked: not now",
  "decision.conflicted": "Conflicts with one that is there",
  "route.attempt_prepared": "Attempt prepared",
  "route.attempt_sent": "Sent",
  "route.attempt_accepted": "Taken",
  "route.attempt_rejected": "Refused",
  "route.attempt_unknown": "No answer: nobody knows what became of it",
  "route.attempt_resolved": "Found out what became of it",
  "route.intent_held": "Held until that is known",
  "route.intent_released": "The hold is over",
  "route.intent_withdrawn": "Withdrawn",
  "route.fallback_decided": "Falls back",
  "route.cancel_requested": "Cancellation asked for",
  "route.cancel_confirmed": "Cancelled",
  "route.cancel_refused": "Cancellation refused",
  "route.replace_requested": "Replacement asked for",
  "route.replace_done": "Replaced",
  "route.replace_refused": "Replacement refused",
  "route.ids_divergent": "Order ids diverge",
  "order.broker_update_recorded": "The broker says",
  "order.snapshot_observed": "Looked up at the broker",
  "order.discrepancy_found": "Something does not fit",
  "order.discrepancy_resolved": "Resolved",
  "shadow.simulated": "Simulated by LEAN's shadow",
  "shadow.parity_judged": "Compared with LEAN's shadow",
  "shadow.failed": "LEAN's shadow failed",
};

/// Which sign and colour an event has.
export function eventKind(type, facts) {
  if (/unknown|held/.test(type)) return "warn";
  if (/fallback/.test(type)) return "warn";
  if (/rejected|blocked|conflicted|refused|failed|divergent|discrepancy_found/.test(type)) return "bad";
  if (/accepted|resolved|released|confirmed|done/.test(type)) return "ok";
  if (type === "order.broker_update_recorded") {
    if (facts.classification && facts.classification !== "applied") return "off";
    return /fill/.test(facts.event_type ?? "") ? "ok" : /rejected|canceled|expired/.test(facts.event_type ?? "") ? "bad" : "info";
  }
  return "info";
}
