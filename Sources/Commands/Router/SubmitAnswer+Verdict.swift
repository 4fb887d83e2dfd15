internal import Adapters
internal import Core
internal import Domain

/// What an adapter's client read off the wire, in the words of the router's rules.
extension SubmitAnswer {
    init(_ answered: Answered<SubmitVerdict>) {
        var reply = answered.call.reply
        let raw = answered.call.rawReply
        switch answered.verdict {
        case .accepted(let order):
            self = .order(ShownOrder(order), reply, idempotentReplay: order.idempotentReplay)
        case .rejected(let refusal): self = .refused(refusal.rejectionClass, refusal.taxonomy, reply, raw: raw)
        // Another owner has the partition: what became of the attempt is for him to find out.
        case .notSent(let refusal) where refusal.taxonomy == .staleEpoch:
            self = .unclear(.staleEpoch, reply, raw: raw)
        case .notSent(let refusal): self = Self.notSent(refusal, reply, raw)
        case .taken(let taxonomy):
            reply.code = Code(trusted: ReplyMeaning.duplicateClientOrderID)
            self = .unclear(taxonomy, reply, raw: raw)
        case .unknown(let taxonomy): self = .unclear(taxonomy, reply, raw: raw)
        }
    }

    private static func notSent(_ refusal: Refusal, _ reply: AdapterReply, _ raw: CompactJSON?) -> SubmitAnswer {
        switch (refusal.proof, refusal.rejectionClass) {
        case (.neverConnected, .local): .heldBack(refusal.taxonomy, reply)
        case (.neverConnected, _): .neverConnected(reply)
        default: .refused(refusal.rejectionClass, refusal.taxonomy, reply, raw: raw)
        }
    }

    /// The receiver told a sender apart from its successor, or found the order there already.
    var isLate: Bool {
        switch self {
        case .unclear(.staleEpoch, _, _): true
        case .unclear(_, let reply, _): reply.code?.text == ReplyMeaning.duplicateClientOrderID
        case .refused(_, .deadlinePassed, _, _): true
        // Another owner had the key voided meanwhile.
        case .refused(_, _, let reply, _) where reply.httpStatus == 409: true
        case .order, .refused, .neverConnected, .heldBack: false
        }
    }
}

extension ShownOrder {
    init(_ order: FoundOrder) {
        self.init(
            alpacaOrderID: order.id, clientOrderID: order.clientOrderID, symbol: order.symbol, side: order.side,
            qty: order.qty, status: BrokerWord(trusted: order.status.rawValue), filledQty: order.filledQty,
            filledAvgPrice: order.filledAvgPrice, limitPrice: order.limitPrice, submittedAt: order.submittedAt,
            raw: order.raw)
    }
}

extension LookupAnswer {
    init(_ answered: Answered<LookupVerdict>, askedAt: Timestamp) {
        let result: Result =
            switch answered.verdict {
            case .found(let order): .found(ShownOrder(order))
            case .absent: .absent
            case .inconclusive: .failed
            }
        self.init(askedAt: askedAt, httpStatus: answered.call.reply.httpStatus, result: result)
    }
}

extension VoidAnswer {
    init(_ answered: Answered<VoidVerdict>) {
        switch answered.verdict {
        case .voided: self = .neverWillBe
        case .submitted: self = .submitted
        case .unsupported, .inconclusive: self = .failed
        }
    }
}

extension CancelAnswer {
    init(_ answered: Answered<CancelVerdict>) {
        let reply = answered.call.reply
        switch answered.verdict {
        case .requested: self = .taken(reply)
        // Whether it ended, and how, is for a look-up to say.
        case .refused, .absent: self = .tooLate(reply)
        case .inconclusive(let taxonomy): self = .failed(taxonomy, reply)
        }
    }
}
