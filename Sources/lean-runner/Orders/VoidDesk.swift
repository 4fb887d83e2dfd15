import Adapters
import Core
import Domain

/// `POST /v1/orders/client/{id}/void`: the durable promise that an id was not submitted and never will be, or the
/// order that it was submitted as.
struct VoidDesk: Sendable {
    let house: RunnerHouse
    let ledger: Ledger
    let broker: Broker
    let resolver: Resolver

    /// How long it waits for a request of this id that is on its way; its caller waits some seconds as well.
    static let patience = Duration.seconds(3)

    func answer(_ call: RunnerCall) async throws(RunnerFault) -> RunnerReply {
        let id = try OrderPath.clientOrderID(call)
        try RequestBody.none(of: call.request)
        let fences = try Fences.read(call, longest: house.settings.limits.longestDeadline)
        for _ in 0..<OrderOnce.maximumTurns {
            if let flight = ledger.flight(of: id) {
                // What has not left yet never will.
                _ = flight.withhold(.voided)
                guard await flight.waitForEnd(within: patience(fences)) else { throw .inFlight }
                continue
            }
            switch ledger[id]?.stage {
            case .submitted?, .foreign?: return try submitted(id)
            // What was refused has no order, and its key is not sent again.
            case .voided?, .rejected?: return voided(id)
            case .received?:
                guard await resolver.look(id, call.correlationID) else { throw .unproved }
            case .notSent?, nil:
                if let reply = try await promise(id, call) { return reply }
            }
        }
        throw .inFlight
    }

    private func patience(_ fences: Fences) -> Duration {
        min(Self.patience, fences.deadline?.since(house.time.now()) ?? Self.patience)
    }

    private func submitted(_ id: ClientOrderID) throws(RunnerFault) -> RunnerReply {
        guard let answer = ledger[id]?.answer, let order = try? Document(answer.body) else { throw .unproved }
        var reply = RunnerReply(
            status: 409,
            .object([
                "outcome": .string("submitted"), "code": .string("submitted"), "client_order_id": .string(id.text),
                "order": order,
            ]))
        reply.taxonomy = .conflict
        return reply
    }

    private func voided(_ id: ClientOrderID) -> RunnerReply {
        RunnerReply(.object(["outcome": .string("voided"), "client_order_id": .string(id.text)]))
    }

    /// `nil` when another request was faster.
    private func promise(_ id: ClientOrderID, _ call: RunnerCall) async throws(RunnerFault) -> RunnerReply? {
        let flight = Flight { .voided }
        guard ledger.take(id, flight) else { return nil }
        let known = ledger[id]
        guard known == nil || known?.stage == .notSent else {
            ledger.land(id, flight, nil)
            return nil
        }
        var entry =
            known
            ?? LedgerEntry(clientOrderID: id, key: nil, bodyHash: [], stage: .voided, changedAt: house.time.now())
        entry.stage = .voided
        entry.changedAt = house.time.now()
        do throws(RunnerFault) {
            // This ledger never heard of it, or has forgotten it: the broker has not. A young one knows too little even
            // of what it refused itself.
            if known == nil || ledger.isYoung {
                if let order = try await found(id, call) {
                    entry.stage = .foreign
                    entry.answer = OrderAnswer.stored(order)
                } else if known == nil, ledger.isYoung {
                    // Another runner may have it on its way: one look proves nothing, and the id is in doubt.
                    entry.stage = .received
                    ledger.doubt(entry, flight)
                    throw .unproved
                }
            }
            try await ledger.write([.entry(entry)])
        } catch {
            // Landed already when it is in doubt.
            if !flight.hasEnded { ledger.land(id, flight, nil) }
            throw error
        }
        ledger.land(id, flight, entry)
        return nil
    }

    private func found(_ id: ClientOrderID, _ call: RunnerCall) async throws(RunnerFault) -> FoundOrder? {
        guard ledger.hasRoom else { throw .full }
        let answered = await broker.questions.lookup(
            clientOrderID: id, broker.terms(call.correlationID, in: call.trace))
        switch answered.verdict {
        case .found(let order): return order
        case .absent: return nil
        case .inconclusive(let taxonomy):
            throw .unknown(
                call.operation, RunnerFault.Taxonomy(taxonomy),
                answered.call.reply.reason?.text ?? taxonomy.rawValue)
        }
    }
}

extension RunnerFault {
    static let unproved = RunnerFault(
        409, .unknown, code: "unresolved", detail: "nothing proves yet what became of this id", taxonomy: .inFlight)
}
