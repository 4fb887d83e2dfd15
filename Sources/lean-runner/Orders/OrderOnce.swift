import Adapters
import Core
import Domain
import Telemetry

/// Makes an order once per key: written down before the broker is called, and answered by what is written.
struct OrderOnce: Sendable {
    let house: RunnerHouse
    let ledger: Ledger
    let broker: Broker
    let stop: StopSwitch
    let resolver: Resolver
    let drill: Drill

    /// What came of one try to send.
    enum Sent: Sendable {
        case judged(Answered<SubmitVerdict>)
        /// Ended before anything was sent.
        case refused(RunnerFault)
    }

    /// How to send, and whether an order that has the id already is the one that was asked for.
    struct Way: Sendable {
        let send: @Sendable (CallTerms, SenderEpoch) async -> Sent
        let isSame: @Sendable (FoundOrder) -> Bool
    }

    /// A request meets another one of its key, a look-up, a refusal: so often it looks anew.
    static let maximumTurns = 8

    func answer(_ asked: AskedOrder, _ call: RunnerCall, _ way: Way) async throws(RunnerFault) -> RunnerReply {
        let fences: Fences
        do throws(RunnerFault) {
            fences = try Fences.read(call, longest: house.settings.limits.longestDeadline)
            if let epoch = fences.epoch { try await ledger.note(epoch, in: fences.scope) }
        } catch { throw refusal(error, of: asked, call) }
        for _ in 0..<Self.maximumTurns {
            // First what is known of the key: only a key that made no order may be told that it was not sent.
            switch ledger.judge(asked) {
            case .answered(let entry):
                guard let answer = entry.answer else { throw .unknown(call.operation, .ledger, "no answer is stored") }
                return OrderAnswer.replay(answer, isReplay: true)
            case .voided: throw .voided
            case .conflict: throw .conflict
            case .full: throw .full
            case .open: try await wait(for: asked, fences, call)
            case .admitted:
                if let fault = refusal(fences) { throw fault }
                let flight = Flight {
                    drill.meet(.sending)
                    return refusal(fences)
                }
                guard ledger.take(asked, flight) == .admitted else { continue }
                return try await fly(asked, flight, fences, call, way)
            }
        }
        throw .inFlight
    }

    /// A refusal of a request whose fences could not be read or kept: it says nothing of an order that was made before.
    private func refusal(_ fault: RunnerFault, of asked: AskedOrder, _ call: RunnerCall) -> RunnerFault {
        switch ledger.judge(asked) {
        case .admitted, .full: fault
        case .voided: .voided
        case .conflict: .conflict
        case .answered, .open: .unknown(call.operation, fault.taxonomy, fault.detail)
        }
    }

    /// Why not a byte may go out: asked before the key is taken, and again right before the first byte.
    private func refusal(_ fences: Fences) -> RunnerFault? {
        if let epoch = fences.epoch, !ledger.isCurrent(epoch, in: fences.scope) { return .staleEpoch }
        if let deadline = fences.deadline, house.time.now() >= deadline { return .deadlinePassed }
        return stop.isEngaged ? .killed : nil
    }

    /// Another request of this key decides: its end, or a proof of what became of it.
    private func wait(for asked: AskedOrder, _ fences: Fences, _ call: RunnerCall) async throws(RunnerFault) {
        guard let flight = ledger.flight(of: asked.clientOrderID) else {
            guard await resolver.look(asked.clientOrderID, call.correlationID) else {
                throw .unknown(call.operation, .inFlight, "nothing proves yet what became of this key")
            }
            return
        }
        var patience = house.settings.broker.timeout + .seconds(1)
        if let deadline = fences.deadline { patience = min(patience, deadline.since(house.time.now())) }
        guard await flight.waitForEnd(within: patience) else { throw .inFlight }
    }

    private func fly(
        _ asked: AskedOrder, _ flight: Flight, _ fences: Fences, _ call: RunnerCall, _ way: Way
    ) async throws(RunnerFault) -> RunnerReply {
        let entry = LedgerEntry(
            clientOrderID: asked.clientOrderID, key: asked.key, bodyHash: asked.bodyHash, stage: .received,
            changedAt: house.time.now(), deadline: fences.deadline)
        drill.meet(.admitted)
        do throws(RunnerFault) { try await ledger.write([.entry(entry)]) } catch {
            ledger.land(asked.clientOrderID, flight, nil)
            throw error
        }
        drill.meet(.received)
        let terms = broker.terms(call.correlationID, in: call.trace, until: fences.deadline, departure: flight)
        let sent = await way.send(terms, SenderEpoch(fences.epoch ?? 0, scope: fences.scope))
        drill.meet(.called)
        let reply = try await conclude(sent, entry, flight, fences, call, way)
        drill.meet(.settled)
        return reply
    }

    private func conclude(
        _ sent: Sent, _ entry: LedgerEntry, _ flight: Flight, _ fences: Fences, _ call: RunnerCall, _ way: Way
    ) async throws(RunnerFault) -> RunnerReply {
        let judged: Answered<SubmitVerdict>
        switch sent {
        case .judged(let answered): judged = answered
        case .refused(let fault): throw await free(entry, flight, fault)
        }
        house.metrics.brokerCalls.labelled(judged.verdict.name).increment()
        switch judged.verdict {
        case .accepted(let order):
            return try await end(entry, flight, .submitted, OrderAnswer.stored(order), call, isReplay: false)
        case .rejected:
            // A broker that does not know us says nothing about the order.
            guard !judged.call.credentialsRefused else { throw await free(entry, flight, .brokerAuth(call.operation)) }
            let answer = StoredAnswer(
                status: 422, body: RunnerFault.rejected(call.operation, judged.call).body.bytes)
            return try await end(entry, flight, .rejected, answer, call, isReplay: false)
        case .notSent(let refusal):
            let isLate = fences.deadline.map { house.time.now() >= $0 } ?? false
            let fault = isLate ? .deadlinePassed : RunnerFault.notSent(call.operation, refusal, judged.call)
            throw await free(entry, flight, flight.withheld ?? fault)
        case .taken: return try await take(entry, flight, call, way)
        case .unknown(let taxonomy):
            ledger.doubt(entry, flight)
            house.logbook.warning(
                "order_in_doubt",
                ["client_order_id": .text(entry.clientOrderID.text), "taxonomy": .text(taxonomy.rawValue)])
            throw .unknown(
                call.operation, RunnerFault.Taxonomy(taxonomy), judged.call.reply.reason?.text ?? taxonomy.rawValue)
        }
    }

    /// The id belongs to an order already: to an earlier copy of this one, or to a stranger.
    private func take(
        _ entry: LedgerEntry, _ flight: Flight, _ call: RunnerCall, _ way: Way
    ) async throws(RunnerFault) -> RunnerReply {
        let found = await broker.questions.lookup(
            clientOrderID: entry.clientOrderID, broker.terms(call.correlationID, in: call.trace))
        switch found.verdict {
        case .found(let order) where way.isSame(order):
            return try await end(entry, flight, .submitted, OrderAnswer.stored(order), call, isReplay: true)
        case .found(let order):
            // Whoever voids this id must hear of that order.
            var foreign = entry
            foreign.stage = .foreign
            foreign.answer = OrderAnswer.stored(order)
            throw await close(foreign, flight, .conflict)
        case .absent, .inconclusive:
            ledger.doubt(entry, flight)
            throw .unknown(call.operation, .upstream, "the client order id is taken, and its order cannot be read")
        }
    }

    /// Nothing was made: the key is free again.
    private func free(_ entry: LedgerEntry, _ flight: Flight, _ fault: RunnerFault) async -> RunnerFault {
        var freed = entry
        freed.stage = .notSent
        return await close(freed, flight, fault)
    }

    /// Ends with a refusal; what is true of the key needs no disk to be true.
    private func close(_ entry: LedgerEntry, _ flight: Flight, _ fault: RunnerFault) async -> RunnerFault {
        var closed = entry
        closed.changedAt = house.time.now()
        do throws(RunnerFault) { try await ledger.write([.entry(closed)]) } catch {
            house.logbook.warning("refusal_not_written", ["client_order_id": .text(entry.clientOrderID.text)])
        }
        ledger.land(entry.clientOrderID, flight, closed)
        return fault
    }

    /// Told only when it is durable; otherwise nothing is proved, and a look-up will tell.
    private func end(
        _ entry: LedgerEntry, _ flight: Flight, _ stage: LedgerEntry.Stage, _ answer: StoredAnswer,
        _ call: RunnerCall, isReplay: Bool
    ) async throws(RunnerFault) -> RunnerReply {
        var ended = entry
        ended.stage = stage
        ended.changedAt = house.time.now()
        ended.answer = answer
        do throws(RunnerFault) { try await ledger.write([.entry(ended)]) } catch {
            ledger.doubt(entry, flight)
            throw .unknown(call.operation, .ledger, "the outcome cannot be written down")
        }
        ledger.land(entry.clientOrderID, flight, ended)
        return OrderAnswer.replay(answer, isReplay: isReplay)
    }
}

extension RunnerFault {
    /// Proved: not a byte of it was taken as an order.
    static func notSent(_ operation: Operation, _ refusal: Refusal, _ call: CallRecord) -> RunnerFault {
        guard refusal.taxonomy != .deadlinePassed else { return .deadlinePassed }
        let code =
            switch refusal.taxonomy {
            case .rateLimited: "rate_limited"
            case .connectRefused: "broker_unreachable"
            case .timeout: "busy"
            default: "not_sent"
            }
        return .failed(
            operation, Taxonomy(refusal.taxonomy), call.reply.reason?.text ?? refusal.taxonomy.rawValue,
            outcome: .notSent, code: code, status: 503)
    }

    static func brokerAuth(_ operation: Operation) -> RunnerFault {
        .failed(
            operation, .upstreamAuth, "the broker does not accept the runner's credentials", outcome: .notSent,
            code: "broker_auth", status: 503)
    }
}

extension SubmitVerdict {
    /// For the count of them.
    var name: String {
        switch self {
        case .accepted: "accepted"
        case .rejected: "rejected"
        case .notSent: "not_sent"
        case .taken: "taken"
        case .unknown: "unknown"
        }
    }
}
