public import Core

/// Holds what was really filled against what was simulated: a pure function of what the log says of one intent.
public enum ShadowJudge {
    /// The judgement that is due; `nil` when there is none yet, or the last one still says it.
    ///
    /// An intent is judged once, when its orders have ended or its time is over. Only an order that has ended is judged
    /// again, when what is filled of it is not what was judged: a late fill, a correction, a bust.
    public static func judge(
        _ intent: ShadowedIntent, at now: Timestamp, _ policy: ShadowPolicy
    ) -> ShadowParityJudged? {
        guard let question = intent.question, let answer = intent.answer, answer.isEvidence,
            let simulated = answer.price
        else { return nil }
        let isOverdue = now >= deadline(of: question, policy)
        guard intent.isEnded || (isOverdue && intent.judgement == nil) else { return nil }
        let fill = ActualFill.sum(intent.orders.map(\.filled))
        // Who has ended and whose price nobody knows may still be told of.
        if fill == nil, !isOverdue { return nil }
        let revision = (intent.judgement?.revision ?? 0) + 1
        guard revision <= policy.maximumRevisions else { return nil }
        var judged = ShadowParityJudged(
            intentID: question.intentID, decisionHash: intent.decision, simulatedEventID: answer.eventID,
            strategyID: question.strategyID, side: question.side, executionAdapter: intent.adapter,
            qty: question.terms.qty, filledQty: fill?.qty ?? .zero, simulatedFillPrice: simulated,
            actualFillPrice: fill?.price, parityLimitBps: policy.parityLimitBps, parityStatus: .inconclusive,
            revision: revision, supersedes: intent.judgement?.eventID)
        decide(
            &judged, fill, isEnded: intent.isEnded, hasOrder: !intent.orders.isEmpty, question.terms.notional, policy)
        if let last = intent.judgement, last.status == judged.parityStatus, last.filledQty == judged.filledQty,
            last.price == judged.actualFillPrice
        {
            return nil
        }
        return judged
    }

    /// When an intent is judged at the latest.
    public static func deadline(of question: ShadowedIntent.Question, _ policy: ShadowPolicy) -> Timestamp {
        question.decidedAt.advanced(by: policy.horizon) ?? .latest
    }

    private static func decide(
        _ judged: inout ShadowParityJudged, _ fill: ActualFill?, isEnded: Bool, hasOrder: Bool, _ notional: Amount?,
        _ policy: ShadowPolicy
    ) {
        guard let fill else {
            judged.failureTaxonomy = .fillPriceUnknown
            return
        }
        guard isEnded else {
            judged.failureTaxonomy = .openAtHorizon
            return
        }
        guard let price = fill.price else {
            judged.failureTaxonomy = hasOrder ? .noFill : .noOrder
            return
        }
        // An order by money has no quantity: then what was spent is held against what was to be spent.
        let isTooLittle: Bool
        if let qty = judged.qty {
            isTooLittle = self.isTooLittle(fill.qty, of: qty, policy)
        } else if let notional {
            isTooLittle = self.isTooLittle(Amount.exactProduct(fill.qty, price), of: notional, policy)
        } else {
            isTooLittle = false
        }
        if isTooLittle {
            judged.failureTaxonomy = .partialFill
            return
        }
        guard let simulated = judged.simulatedFillPrice,
            let delta = ParityDelta.bps(actual: price, simulated: simulated, side: judged.side)
        else {
            judged.failureTaxonomy = .fillPriceUnknown
            return
        }
        judged.parityDeltaBps = delta
        let isWithin = delta.units.magnitude <= policy.parityLimitBps.units.magnitude
        judged.parityStatus = isWithin ? .pass : .drift
        judged.failureTaxonomy = isWithin ? nil : .executionQualityDrift
    }

    /// Multiplied, not divided: exact.
    private static func isTooLittle(_ filled: Amount, of qty: Amount, _ policy: ShadowPolicy) -> Bool {
        guard let wanted = Amount.exactProduct(qty, policy.minimumFill) else { return false }
        let (found, overflow) = filled.units.multipliedReportingOverflow(by: Amount.unitsPerOne)
        return !overflow && found < wanted
    }

    /// The same of money; both sides have their digits twice.
    private static func isTooLittle(_ spent: Int128?, of notional: Amount, _ policy: ShadowPolicy) -> Bool {
        guard let spent, let wanted = Amount.exactProduct(notional, policy.minimumFill) else { return false }
        return spent < wanted
    }
}
