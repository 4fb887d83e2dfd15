internal import Core
internal import Domain

extension RouteFacts {
    mutating func walkStep<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ columns: inout Walker
    ) throws(Walker.Failure) {
        var (attempt, state) = (step?.attempt, step?.step)
        try columns.column("route_attempt", &attempt, "The latest attempt.")
        try columns.column("route_step", &state, "Where it is: 0 prepared, 1 unknown, 2 settled.")
        if let attempt, let state { step = Step(attempt: attempt, step: state) }
    }

    mutating func walkEvidence<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ columns: inout Walker
    ) throws(Walker.Failure) {
        var first = expected?.adapter ?? .unknown
        var actual = taking?.adapter ?? .unknown
        var last = visit?.adapter ?? .unknown
        var (route, reason) = (taking?.route, fallbackReason)
        var (correlation, key, audit) = (taking?.correlation, expected?.key, taking?.audit)
        try columns.text("execution_expected_adapter", &first, "Where the policy sent it.")
        try columns.text("execution_actual_adapter", &actual, "Who has it; unknown until somebody has.")
        try columns.text("execution_adapter", &last, "Where it was tried last.")
        try columns.text("execution_route", &route, "The way it went.")
        try columns.text("execution_fallback_reason", &reason, "Why it went elsewhere.")
        try columns.column("execution_fallback_count", &fallbackCount, "Attempts that were proved not live.")
        try columns.text("execution_correlation_id", &correlation, "X-Correlation-ID of the call that placed it.")
        try columns.text("execution_idempotency_key", &key, "Idempotency-Key of the calls.")
        try columns.column("execution_audit_json", &audit, "The audit envelope of the reply.")
        var mark = Mark(expected?.said)
        try mark.walk(&columns, "expected_attempt", "expected_at", "expected_event_id")
        if let said = mark.said, let key { expected = Expectation(said: said, adapter: first, key: key) }
        mark = Mark(taking?.said)
        try mark.walk(&columns, "taking_attempt", "taking_at", "taking_event_id")
        if let said = mark.said, let correlation {
            taking = Taking(
                said: said, adapter: actual, route: route, fallbackReason: taking?.fallbackReason,
                correlation: correlation, audit: audit)
        }
        mark = Mark(visit?.said)
        try mark.walk(&columns, "adapter_attempt", "adapter_at", "adapter_event_id")
        if let said = mark.said { visit = Visit(said: said, adapter: last) }
        mark = Mark(fallback?.said)
        try mark.walk(&columns, "fallback_attempt", "fallback_at", "fallback_event_id")
        if let said = mark.said, let reason { fallback = Fallback(said: said, reason: reason) }
    }

    /// After the evidence: what the taking attempt itself says, where a fallback said it better.
    mutating func walkTakingReason<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ columns: inout Walker
    ) throws(Walker.Failure) {
        var reason = taking?.fallbackReason
        try columns.text("taking_fallback_reason", &reason, "Of the event that took it.")
        taking?.fallbackReason = reason
    }

    mutating func walkReplacing<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ columns: inout Walker
    ) throws(Walker.Failure) {
        try columns.text("replaces_client_order_id", &replacesClient, "The order it replaces.")
        try columns.text("replaced_by_client_order_id", &replacedByClient, "The order that replaces it.")
    }

    /// A saying as three columns.
    private struct Mark {
        var attempt: Int64?
        var at: Moment?
        var event: EventID?

        init(_ said: AttemptSaying?) {
            attempt = said?.attempt
            at = said?.saying.at
            event = said?.saying.event
        }

        var said: AttemptSaying? {
            guard let attempt, let at, let event else { return nil }
            return AttemptSaying(attempt: attempt, saying: Saying(at: at, event: event))
        }

        mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
            _ columns: inout Walker, _ number: StaticString, _ time: StaticString, _ id: StaticString
        ) throws(Walker.Failure) {
            try columns.column(number, &attempt, "Which attempt said so.")
            try columns.column(time, &at, "When.")
            try columns.column(id, &event, "Which event.")
        }
    }
}
