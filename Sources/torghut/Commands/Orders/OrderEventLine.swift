import Core
import Domain
import JSON

/// One event of an order on one line: what it says, in a few words.
struct OrderEventLine {
    let type: String
    let time: String?
    let source: String?
    var says: String?
    var classification: String?
    var reason: String?

    init(_ found: OrderSearch.Found) {
        guard let event = found.event else {
            (type, time, source) = ("unknown to this program", nil, nil)
            return
        }
        type = event.content.type.name
        time = "\(event.envelope.eventTime)"
        source = event.envelope.source.text
        switch event.content {
        case .orderEvents(.brokerUpdateRecorded(let update)):
            says = Self.joined([
                update.eventType?.text, update.status.flatMap { $0 == update.eventType ? nil : $0.text },
                Self.quantity(update.fillQty, update.fillPrice),
                update.filledQty.map { "\($0) so far" }, update.executionID.map { "execution \($0)" },
                "from \(update.sourceTopic)/\(update.sourcePartition)/\(update.sourceOffset)",
            ])
            classification = update.classification.rawValue
            reason = update.classificationReason?.text
        case .orderEvents(.orderSnapshotObserved(let snapshot)):
            says = Self.joined([
                snapshot.status.text, snapshot.filledQty.map { "\($0) so far" },
                "by \(snapshot.observedBy.rawValue)",
            ])
        case .orderEvents(.discrepancyFound(let found)):
            says = "\(found.kind.rawValue): expected \(found.expected), observed \(found.observed)"
        case .orderEvents(.discrepancyResolved(let resolved)):
            says = "\(resolved.kind.rawValue): \(resolved.resolution.rawValue)"
        case .decisions(.decisionRecorded(let decision)):
            says = Self.joined([decision.action.rawValue, decision.terms.qty?.description])
        case .route(let route): says = Self.says(route)
        default: break
        }
    }

    private static func says(_ route: Route) -> String? {
        switch route {
        case .attemptPrepared(let it):
            joined(["attempt \(it.key.attempt)", "by \(it.evidence.executionAdapter.rawValue)"])
        case .attemptSent(let it): "attempt \(it.key.attempt)"
        case .attemptAccepted(let it):
            joined(["attempt \(it.key.attempt)", it.status.rawValue, "by \(it.evidence.executionAdapter.rawValue)"])
        case .attemptRejected(let it): joined(["attempt \(it.key.attempt)", it.rejectionClass.rawValue])
        case .attemptUnknown(let it): "attempt \(it.key.attempt)"
        case .attemptResolved(let it): joined(["attempt \(it.key.attempt)", it.resolution.rawValue, it.status?.text])
        case .fallbackDecided(let it): it.executionFallbackReason.text
        case .intentHeld, .intentReleased, .intentWithdrawn, .cancelRequested, .cancelConfirmed, .cancelRefused,
            .replaceRequested, .replaceDone, .replaceRefused, .idsDiverged:
            nil
        }
    }

    private static func quantity(_ qty: Amount?, _ price: Amount?) -> String? {
        guard let qty else { return nil }
        return price.map { "\(qty) at \($0)" } ?? "\(qty)"
    }

    private static func joined(_ parts: [String?]) -> String? {
        let parts = parts.compactMap(\.self)
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }
}
