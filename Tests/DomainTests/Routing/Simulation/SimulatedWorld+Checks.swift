import Core
import Domain

/// What must hold after every step, whatever happened.
extension SimulatedWorld {
    /// P5: what is live and filled of an intent never exceeds it, over both adapters.
    mutating func check() {
        // Nothing can be wrong that was right, unless the broker's orders changed.
        guard broker.changes != checked else { return }
        checked = broker.changes
        for decision in decisions {
            let orders = broker.orders(of: decision.description)
            let exposure = orders.reduce(Amount.zero) { Amount(units: $0.units + $1.exposure.units) }
            if exposure > Amount(10) { fail("P5: \(exposure) live of an intent of 10 over \(orders.count) orders") }
            // A replacement takes the place of an order; anything else is a second one.
            let originals = orders.count { $0.clientOrderID.text.utf8.count == 64 }
            if originals > 1 { fail("P5: \(originals) orders of one intent") }
        }
    }

    /// P8 and P6 of one step.
    mutating func checkStep(_ step: RouterStep, _ index: Int) {
        let process = processes[index]
        let isStopped = process.state.control.isEngaged(with: process.session.local)
        for action in step.actions {
            switch action {
            case .submit, .replace:
                if isStopped { fail("P8: an order leaves while the kill switch is engaged") }
                if process.state.control.stop.isLatched { fail("P8: an order leaves while the stop is latched") }
            case .lookUp, .void, .cancel: break
            }
        }
        for event in step.events {
            guard case .route(let route) = event.content, let (key, evidence) = route.evidence else { continue }
            guard let prepared = log.prepared[key.attemptID] else {
                fail("P6: an outcome of an attempt that was never prepared")
                continue
            }
            if prepared.evidence != evidence { fail("P6: the evidence of an attempt was rewritten") }
        }
    }

    /// P9: the log alone gives the state, through a snapshot or without, and folding it sent nothing.
    mutating func checkFold(_ index: Int) {
        let before = sends
        let state = processes[index].state
        let folded = log.folded(under: timing)
        if sends != before { fail("P9: folding sent something") }
        let bytes = folded.snapshot
        if processes[index].everLagged == false, bytes != state.snapshot { fail("P9: refolded is not live") }
        do {
            if try RouterState(snapshot: bytes) != folded { fail("P9: a snapshot came back different") }
        } catch { fail("P9: a snapshot was not read: \(error)") }
    }

    /// After the storm every intent has an outcome that is proved, or a hold that says what it waits for.
    mutating func checkEnd() {
        let state = log.folded(under: timing)
        for decision in decisions {
            guard let intent = state.intent(of: decision) else {
                fail("an intent was lost")
                continue
            }
            let orders = broker.orders(of: decision.description)
            switch intent.phase {
            case .waiting, .attempting, .refused: fail("an intent was left \(intent.phase)")
            case .unknown:
                if intent.attempt?.adapter != .alpaca { fail("an attempt through LEAN was left unknown") }
                if intent.hold?.reason != .attemptUnknown { fail("an unknown intent is not held") }
                if !orders.isEmpty { fail("an order at the broker was not found") }
            case .working:
                if !orders.contains(where: { $0.id == intent.order?.alpacaOrderID }) {
                    fail("an order is believed in that the broker does not have")
                }
            case .over:
                if orders.contains(where: { $0.status == .new }) { fail("a live order of an intent that is over") }
            }
            if intent.cancel != nil { fail("a cancellation without an end") }
            if intent.replacement != nil, intent.phase == .over { fail("a replacement without an end") }
        }
        let received = broker.received.values.max() ?? 0
        if received > 2 { fail("\(received) submits of one intent reached the broker") }
    }
}

extension Route {
    /// The attempt and the evidence that an event repeats.
    var evidence: (AttemptKey, RouteEvidence)? {
        switch self {
        case .attemptSent(let event): (event.key, event.evidence)
        case .attemptAccepted(let event): (event.key, event.evidence)
        case .attemptRejected(let event): (event.key, event.evidence)
        case .attemptUnknown(let event): (event.key, event.evidence)
        case .attemptResolved(let event): (event.key, event.evidence)
        default: nil
        }
    }
}

/// Mistakes that a router could make, put in between on purpose: the simulation must find each of them.
enum Flaw: CaseIterable {
    /// Takes a timeout for a refusal, and so falls back from unknown.
    case fallsBackFromUnknown
    /// Takes one look-up that finds nothing for a proof, also before the deadline.
    case trustsAnyAbsence
    /// Takes any answer of the runner to an abandon request for a promise.
    case trustsAnyVoid
    /// Acts although its append was refused.
    case sendsUnfenced

    func spoil(_ input: RouterInput) -> RouterInput {
        switch (self, input) {
        case (.fallsBackFromUnknown, .answered(let attempt, let intent, .unclear(_, let reply, let raw), let at, let n)):
            .answered(
                attempt, of: intent, .refused(.notSent, .timeout, reply, raw: raw), sentAt: at, sentBytes: n)
        case (.trustsAnyAbsence, .lookedUp(let intent, _, let answer)) where answer.result == .absent:
            .voided(intent, TestMint.mint.attemptID(of: intent, attempt: 1), .neverWillBe)
        case (.trustsAnyVoid, .voided(let intent, let attempt, _)): .voided(intent, attempt, .neverWillBe)
        default: input
        }
    }
}
