internal import Core
internal import Domain
internal import HTTPClient

/// Makes calls that end by their deadline, and keeps their record.
struct Transport: Sendable {
    enum Outcome: Sendable {
        case answered(HTTPResponse)
        /// Not one byte can have arrived.
        case neverConnected(FailureTaxonomy)
        /// Refused on this side.
        case local(FailureTaxonomy)
        case lost(FailureTaxonomy)
    }

    let pool: HTTPPool
    let time: any TimeSource
    let limits: AdapterLimits

    /// Waits out a 429 as long as the deadline allows; whatever else comes is the answer.
    ///
    /// Each request of the call is asked for again right before its first byte, also the one after a 429.
    func call(_ request: HTTPRequest, _ call: CallTerms) async -> (Outcome, CallRecord) {
        var record = CallRecord()
        let start = time.uptime()
        var request = request
        request.headers += call.traceHeaders
        var limited: HTTPResponse?
        while true {
            let left = call.deadline.since(time.now())
            guard left > .zero else {
                if let limited { return (.answered(limited), record) }
                record.note(reason: "the deadline had passed")
                return (.local(.deadlinePassed), record)
            }
            var limits = limits.http
            limits.totalTimeout = min(limits.totalTimeout, left)
            let exchange = await pool.exchange(request, limits: limits) { call.departure?.mayLeave() ?? true }
            call.departure?.ended()
            note(exchange, since: start, in: &record)
            // Nothing of the repetition went out: the refusal before it is the answer.
            if case .failure(.forbidden) = exchange.result, let limited { return (.answered(limited), record) }
            guard case .success(let response) = exchange.result, response.status == 429,
                record.tries < self.limits.maximumTries
            else { return (Self.outcome(of: exchange, &record), record) }
            limited = response
            let wait = Self.retryAfter(response) ?? self.limits.retryAfter
            guard call.deadline.since(time.now()) > wait else { return (.answered(response), record) }
            do { try await Task.sleep(for: wait) } catch { return (.answered(response), record) }
        }
    }

    private func note(_ exchange: HTTPExchange, since start: Duration, in record: inout CallRecord) {
        record.tries += 1
        let evidence = exchange.evidence
        if let connected = evidence.connected {
            record.sentAt = time.now().advanced(by: connected - evidence.total)
            record.sentBytes += Int64(evidence.sentBytes)
        }
        record.reply.latencyMicroseconds = Int64((time.uptime() - start) / .microseconds(1))
        guard case .success(let response) = exchange.result else { return }
        record.reply.httpStatus = Int64(response.status)
        record.rawReply = ReplyDocument.compact(response.body)
    }

    private static func outcome(of exchange: HTTPExchange, _ record: inout CallRecord) -> Outcome {
        switch exchange.result {
        case .success(let response): return .answered(response)
        case .failure(let error):
            record.note(reason: error.description)
            switch error {
            case .address: return .local(.unknownError)
            case .busy: return .local(.timeout)
            case .forbidden: return .local(.unknownError)
            case .unreachable, .untrusted:
                return exchange.evidence.isConnected ? .lost(.networkError) : .neverConnected(.connectRefused)
            case .timedOut: return exchange.evidence.isConnected ? .lost(.timeout) : .neverConnected(.connectRefused)
            case .tooLarge: return .lost(.contractViolation)
            }
        }
    }

    /// Whole seconds; the other form of this header, a date, is not used by our brokers.
    private static func retryAfter(_ response: HTTPResponse) -> Duration? {
        response.header("Retry-After").flatMap { Int64($0) }.map { .seconds(max(0, min($0, 3_600))) }
    }
}

extension Transport.Outcome {
    /// For reads: why there is no answer.
    var failure: FailureTaxonomy? {
        switch self {
        case .answered: nil
        case .neverConnected(let taxonomy), .local(let taxonomy), .lost(let taxonomy): taxonomy
        }
    }

    /// For submits: what no answer means.
    var verdict: SubmitVerdict? {
        switch self {
        case .answered: nil
        case .neverConnected(let taxonomy): .notSent(Refusal(.notSent, .neverConnected, taxonomy))
        case .local(let taxonomy): .notSent(Refusal(.local, .neverConnected, taxonomy))
        case .lost(let taxonomy): .unknown(taxonomy)
        }
    }
}
