import Core
import Domain

/// Calls on their way, and everything that can happen to them.
extension SimulatedWorld {
    mutating func perform(_ action: RouterAction, by index: Int) {
        if let wakesAt = processes[index].wakesAt, wakesAt > now {
            agenda.add(.perform(index, action), at: wakesAt)
            return
        }
        // A dead process sends nothing; a fenced one that does not know it yet does.
        guard processes[index].isAlive else { return }
        switch action {
        case .submit(let order): send(order, nil, index)
        case .replace(let order, let replaced): send(order, replaced, index)
        case .lookUp(let intent, let id, _): lookUp(intent, id, index)
        case .void(let intent, let attempt, let id, let epoch): void(intent, attempt, id, epoch, index)
        case .cancel(let intent, let cancelID, let id, _): cancel(intent, cancelID, id, index)
        }
    }

    private mutating func send(_ order: OutgoingOrder, _ replaced: BrokerOrderID?, _ index: Int) {
        if log.prepared[order.attemptID] == nil { fail("P6: sent before it was prepared") }
        let late = now > order.deadline
        // The last look before the first byte; a process may be stopped right behind it.
        if latch || late, !isStormy || chance(80) {
            let taxonomy: FailureTaxonomy = late ? .deadlinePassed : .interrupted
            plan(.deliver(index, answered(order, .heldBack(taxonomy, AdapterReply()), sent: false)), in: 1...2)
            return
        }
        sends[order.attemptID, default: 0] += 1
        if sends[order.attemptID, default: 0] > 1 { fail("an attempt was sent twice") }
        trace.add(order.attemptID.low)
        let fates = Fate.allCases
        let scripted = order.adapter == script?.adapter && sends.count == 1 ? script?.fate : nil
        let fate = scripted ?? (isStormy && chance(60) ? fates[pick(fates.count)] : .fine)
        let call = Call(process: index, order: order, replaced: replaced, fate: fate)
        agenda.add(.expire(call), at: later(than: max(order.deadline, now), by: .milliseconds(150)))
        switch fate {
        case .refusedConnection:
            plan(.deliver(index, answered(order, .neverConnected(AdapterReply()), sent: false)), in: 1...50)
        case .lostRequest: break
        case .slowRequest: plan(order.adapter == .lean ? .atRunner(call) : .atBroker(call), in: 3_000...12_000)
        case .earlyError:
            // A proxy gives up at once, and the request goes on.
            let unclear = SubmitAnswer.unclear(.http5xx, AdapterReply(httpStatus: 502), raw: nil)
            plan(.deliver(index, answered(order, unclear)), in: 5...100)
            plan(order.adapter == .lean ? .atRunner(call) : .atBroker(call), in: 500...2_900)
        case .doubled:
            plan(order.adapter == .lean ? .atRunner(call) : .atBroker(call), in: 5...300)
            if order.adapter == .lean { plan(.atRunner(call), in: 5...4_000) }
        default: plan(order.adapter == .lean ? .atRunner(call) : .atBroker(call), in: 5...300)
        }
    }

    func later(than moment: Timestamp, by duration: Duration) -> Timestamp {
        moment.advanced(by: duration) ?? .latest
    }

    func answered(_ order: OutgoingOrder, _ answer: SubmitAnswer, sent: Bool = true) -> RouterInput {
        .answered(order.attemptID, of: order.intentID, answer, sentAt: sent ? now : nil, sentBytes: sent ? 512 : 0)
    }

    mutating func expire(_ call: Call) {
        guard !processes[call.process].answered.contains(call.order.attemptID) else { return }
        drive(call.process, answered(call.order, .unclear(.timeout, AdapterReply(), raw: nil)))
    }

    mutating func reachRunner(_ call: Call) {
        let order = call.order
        switch call.fate {
        case .notSent:
            return reply(call, .refused(.notSent, .http5xx, AdapterReply(httpStatus: 503), raw: nil))
        case .contractInvalid:
            return reply(call, .refused(.contractInvalid, .http4xx, AdapterReply(httpStatus: 422), raw: nil))
        default: break
        }
        switch runner.admit(order, at: now) {
        case .call: plan(.atBroker(call), in: 5...1_500)
        case .stale: reply(call, .unclear(.staleEpoch, AdapterReply(httpStatus: 409), raw: nil))
        case .late: reply(call, .refused(.notSent, .deadlinePassed, AdapterReply(httpStatus: 410), raw: nil))
        case .void: reply(call, .refused(.notSent, .http4xx, AdapterReply(httpStatus: 404), raw: nil))
        case .repeated:
            if let known = broker.order(of: order.clientOrderID) {
                reply(call, .order(known.shown, AdapterReply(httpStatus: 200), idempotentReplay: true))
            } else {
                reply(call, .unclear(.http5xx, AdapterReply(httpStatus: 502), raw: nil))
            }
        }
    }

    mutating func reachBroker(_ call: Call) {
        let rejects = script.map(\.rejects) ?? chance(8)
        let answer =
            call.replaced.map { broker.replace($0, by: call.order) } ?? broker.submit(call.order, rejects: rejects)
        switch answer {
        case .rejected: reply(call, .refused(.brokerRejected, .brokerRejected, AdapterReply(httpStatus: 422), raw: nil))
        case .duplicate: reply(call, .unclear(.brokerRejected, AdapterReply(httpStatus: 422), raw: nil))
        case .order(let order):
            show(order)
            if chance(50) { plan(.fill(order.id), in: 1_000...30_000) }
            var shown = order.shown
            if call.fate == .lies { lie(&shown) }
            if call.fate == .errorAfter {
                reply(call, .unclear(.http5xx, AdapterReply(httpStatus: 500), raw: nil))
            } else {
                reply(call, .order(shown, AdapterReply(httpStatus: 200), idempotentReplay: false))
            }
        }
    }

    private mutating func lie(_ shown: inout ShownOrder) {
        switch pick(5) {
        case 0: shown.symbol = Symbol(trusted: "LIES")
        case 1: shown.qty = Amount(999)
        case 2: shown.clientOrderID = ClientOrderID(trusted: "another")
        case 3: shown.alpacaOrderID = nil
        default: shown.status = BrokerWord(trusted: "excellent")
        }
    }

    private mutating func reply(_ call: Call, _ answer: SubmitAnswer) {
        let input = answered(call.order, answer)
        switch call.fate {
        case .lostReply, .earlyError: break
        case .slowReply: plan(.deliver(call.process, input), in: 4_000...9_000)
        default: plan(.deliver(call.process, input), in: 5...200)
        }
    }

    private mutating func lookUp(_ intent: IntentID, _ id: ClientOrderID, _ index: Int) {
        var answer = LookupAnswer(askedAt: now, httpStatus: 200, result: .absent)
        if let order = broker.order(of: id) { answer.result = .found(order.shown) }
        if isStormy, chance(30) { answer.result = .failed }
        if isStormy, case .found(var shown) = answer.result, chance(10) {
            shown.clientOrderID = ClientOrderID(trusted: "another")
            answer.result = .found(shown)
        }
        plan(.deliver(index, .lookedUp(intent, id, answer)), in: 5...800)
    }

    private mutating func void(
        _ intent: IntentID, _ attempt: AttemptID, _ id: ClientOrderID, _ epoch: Int64, _ index: Int
    ) {
        if isStormy, chance(50) { return plan(.deliver(index, .voided(intent, attempt, .failed)), in: 5...500) }
        let answer = runner.void(id, epoch: epoch)
        if isStormy, chance(20) { return }
        plan(.deliver(index, .voided(intent, attempt, answer)), in: 5...500)
    }

    private mutating func cancel(_ intent: IntentID, _ cancelID: EventID, _ id: BrokerOrderID, _ index: Int) {
        if isStormy, chance(30) {
            let failed = CancelAnswer.failed(.timeout, AdapterReply())
            return plan(.deliver(index, .cancelAnswered(intent, cancelID, failed)), in: 5...500)
        }
        let order = broker.end(id, .canceled)
        if let order { show(order) }
        let answer: CancelAnswer = order == nil ? .tooLate(AdapterReply()) : .taken(AdapterReply())
        plan(.deliver(index, .cancelAnswered(intent, cancelID, answer)), in: 5...500)
    }

    /// The broker's stream: late, sometimes lost, sometimes repeated.
    mutating func show(_ order: SimulatedBroker.Order) {
        if isStormy, chance(25) { return }
        plan(.stream(order), in: 5...3_000)
        if chance(10) { plan(.stream(order), in: 5...5_000) }
    }

    mutating func stream(_ order: SimulatedBroker.Order) {
        guard let decision = DecisionHash(of: order.clientOrderID) else { return }
        let update = BrokerUpdateRecorded(
            eventFingerprint: ContentHash((1, 2, 3, 4)), sourceTopic: TopicName(trusted: "torghut.trade-updates.v2"),
            sourcePartition: 0, sourceOffset: 0, updateShape: .rawFrame, accountLabelOrigin: .laneDefault,
            status: BrokerWord(trusted: order.status.rawValue), alpacaOrderID: order.id,
            clientOrderID: order.clientOrderID, qty: order.qty, filledQty: order.filled, classification: .applied,
            decisionHash: decision, rawEvent: .emptyObject)
        write(.orderEvents(.brokerUpdateRecorded(update)), order.symbol)
    }
}
