internal import Core
internal import Domain

/// How far an attempt is; it only rises.
enum AttemptState: String, Sendable, CaseIterable, Comparable {
    case prepared, sent, unknown, rejected
    case notLive = "not_live"
    case accepted

    static func < (left: Self, right: Self) -> Bool {
        (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
    }

    mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(_ columns: inout Walker) throws(Walker.Failure) {
        var word = rawValue
        try columns.column("state", &word, "Where it is.")
        self = AttemptState(rawValue: word) ?? .prepared
    }
}

extension RouteAttemptRow {
    /// What was going to be sent.
    struct Request: Sendable, Equatable {
        var operation: RouteOperation?
        var side: Side?
        var qty: Amount?
        var notional: Amount?
        var limitPrice: Amount?
        var stopPrice: Amount?
        var hash: ContentHash?
        var deadline: Moment?
        var epoch: Int64?
        var policyHash: ContentHash?
        var tradingMode: TradingMode?
        var address: Address?

        mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
            _ columns: inout Walker
        ) throws(Walker.Failure) {
            try columns.text("operation", &operation, "Submit or replace.")
            try columns.text("side", &side, "Buy or sell.")
            try columns.column("qty", &qty, ColumnNote("How much.", unit: "units"))
            try columns.column("notional", &notional, ColumnNote("How much, by notional.", unit: "currency"))
            try columns.column("limit_price", &limitPrice, ColumnNote("Limit price.", unit: "currency per unit"))
            try columns.column("stop_price", &stopPrice, ColumnNote("Stop price.", unit: "currency per unit"))
            try columns.text("request_hash", &hash, "The body that is sent.")
            try columns.column("deadline", &deadline, "Not called at the broker after it.")
            try columns.column("owner_epoch", &epoch, "Whose attempt it is.")
            try columns.text("policy_hash", &policyHash, "The policy in force.")
            try columns.text("trading_mode", &tradingMode, "Paper or live.")
            try columns.text("address", &address, "Where it is sent.")
        }
    }

    mutating func walkEvidence<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ columns: inout Walker
    ) throws(Walker.Failure) {
        var expected = evidence?.executionExpectedAdapter ?? .unknown
        var adapter = evidence?.executionAdapter ?? leftAdapter ?? .unknown
        var (correlation, key) = (evidence?.executionCorrelationID, evidence?.executionIdempotencyKey)
        var (reason, count) = (evidence?.executionFallbackReason, evidence?.executionFallbackCount ?? 0)
        try columns.text("execution_expected_adapter", &expected, "Where the policy sent it.")
        try columns.text("execution_adapter", &adapter, "Where it went.")
        try columns.text("execution_correlation_id", &correlation, "X-Correlation-ID of the call.")
        try columns.text("execution_idempotency_key", &key, "Idempotency-Key of the call.")
        try columns.text("execution_fallback_reason", &reason, "Why it is not where it was expected.")
        try columns.column("execution_fallback_count", &count, "Attempts before it that were proved not live.")
        guard let correlation, let key else {
            leftAdapter = adapter == .unknown ? nil : adapter
            return
        }
        evidence = RouteEvidence(
            executionExpectedAdapter: expected, executionAdapter: adapter, executionFallbackReason: reason,
            executionFallbackCount: count, executionCorrelationID: correlation, executionIdempotencyKey: key)
    }

    mutating func walkOutcome<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ columns: inout Walker
    ) throws(Walker.Failure) {
        try columns.text("execution_route", &route, "The way it went.")
        try columns.text("alpaca_order_id", &alpaca, "The broker's id.")
        try columns.text("broker_status", &brokerStatus, "The status it was taken with.")
        try columns.text("rejection_class", &rejectionClass, "What kind of refusal.")
        try columns.text("proof", &proof, "Why the order cannot be live.")
        try columns.text("failure_taxonomy", &taxonomy, "How the call failed.")
        try columns.column("fallback_allowed", &fallbackAllowed, "Whether another adapter may try.")
        try columns.text("resolution", &resolution, "What became of it while it was unknown.")
        try columns.text("resolution_found_by", &foundBy, "What settled that.")
        try columns.text("resolution_actor", &resolutionActor, "Who vouched for it.")
    }

    mutating func walkReply<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ columns: inout Walker
    ) throws(Walker.Failure) {
        var (status, code) = (reply?.httpStatus, reply?.code)
        var (reason, latency) = (reply?.reason, reply?.latencyMicroseconds)
        var answered = reply != nil
        try columns.column("is_answered", &answered, "Whether an outcome was recorded.")
        try columns.column("http_status", &status, "Status of the answer.")
        try columns.text("reply_code", &code, "Its code.")
        try columns.text("reply_reason", &reason, "Its words.")
        try columns.column("latency_us", &latency, ColumnNote("How long it took.", unit: "microseconds"))
        guard answered else { return }
        reply = AdapterReply(httpStatus: status, code: code, reason: reason, latencyMicroseconds: latency)
    }
}
