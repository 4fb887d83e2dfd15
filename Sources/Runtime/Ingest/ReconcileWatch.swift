internal import Core
internal import Domain
internal import Folding
internal import Ingest
internal import Synchronization
internal import Telemetry

/// Hears what the reconciler does: counts it, writes each difference down, says how the part is.
final class ReconcileWatch: ReconcilerObserver {
    private struct Ages {
        /// When this process last finished a round, or began; `nil` while another one reconciles.
        var finishedAt: Timestamp?
        var open: [OpenDiscrepancy] = []
    }

    private let house: House
    /// What the reconciler is called on the board of roles.
    private let part: String
    private let metrics: ReconcileMetrics
    private let ages = Mutex(Ages())

    init(_ house: House, part: String) {
        self.house = house
        self.part = part
        metrics = ReconcileMetrics(in: house.registry)
    }

    func begin() { ages.withLock { $0.finishedAt = house.time.now() } }
    func end() { ages.withLock { $0 = Ages() } }

    func tellAges() {
        let ages = ages.withLock { $0 }
        metrics.tell(ages.open, finishedAt: ages.finishedAt, at: house.time.now())
    }

    func asked(_ read: BrokerRead) {
        metrics.count(read)
        guard read.failure != nil || read.detail != nil else { return }
        house.logbook.warning(
            "reconcile_read_failed",
            [
                "adapter": .text(read.adapter.rawValue), "question": .text(read.question.rawValue),
                "why": .text(read.failure?.rawValue ?? "not all of it could be read"),
                "what": .text(read.detail ?? ""),
            ])
    }

    func finished(_ round: RoundReport) {
        metrics.count(round)
        ages.withLock { ages in
            if ages.finishedAt != nil { ages.finishedAt = house.time.now() }
            ages.open = round.open
        }
        tellAges()
        for difference in round.findings.opened { write("discrepancy_found", difference) }
        for (difference, _) in round.findings.changed { write("discrepancy_changed", difference) }
        for row in round.findings.resolved {
            house.logbook.info(
                "discrepancy_resolved",
                ["discrepancy": .text("\(row.id)"), "kind": .text(row.kind.rawValue), "symbol": .text(row.symbol.text)])
        }
        house.board.progressed(.ingest)
        guard round.isWhole else {
            let what =
                round.failures == 1 ? "one answer of the broker's is" : "\(round.failures) answers of the broker's are"
            return house.board.set(.ingest, part: part, .degraded, "\(what) missing")
        }
        if let heldBack = round.heldBack {
            return house.board.set(.ingest, part: part, .degraded, "\(heldBack.rawValue): what rests on it waits")
        }
        guard round.postponedRounds < Self.patience else {
            return house.board.set(
                .ingest, part: part, .degraded,
                "\(round.postponed) orders wait to be asked for: TRADING_RECONCILE_REQUESTS_PER_MINUTE is too few")
        }
        house.board.set(.ingest, part: part, .running)
    }

    /// Who waits for so many rounds waits for good.
    private static let patience = 3

    /// Actual, expected, and why it went where it did: a difference is read together with its order's way.
    private func write(_ event: StaticString, _ difference: BookDifference) {
        house.logbook.write(
            difference.severity == .info ? .info : .warning, event,
            [
                "kind": .text(difference.kind.rawValue), "severity": .text(difference.severity.rawValue),
                "symbol": .text(difference.symbol.text), "expected": .text(difference.expected),
                "actual": .text(difference.observed), "difference": .text("\(difference.amount.map { "\($0)" } ?? "")"),
                "alpaca_order_id": .text(difference.order.alpacaOrderID?.text ?? ""),
                "client_order_id": .text(difference.order.clientOrderID?.text ?? ""),
                "execution_expected_adapter": .text(difference.route?.expected.rawValue ?? ""),
                "execution_adapter": .text(difference.route?.adapter.rawValue ?? ""),
                "execution_fallback_reason": .text(difference.route?.fallbackReason?.text ?? ""),
            ])
    }

    func noted(_ note: ReconcilerNote) {
        switch note {
        case .ready(let records, let fromSnapshot, let took):
            house.logbook.info(
                "reconciler_ready",
                ["records": .integer(records), "snapshot": .flag(fromSnapshot), "took": .duration(took)])
        case .snapshotDiscarded(let why):
            house.logbook.warning("snapshot_discarded", ["why": .text(why.description)])
        case .snapshotSaved(let took): house.logbook.info("snapshot_saved", ["took": .duration(took)])
        case .snapshotFailed(let why): house.logbook.warning("snapshot_failed", ["why": .text(why.description)])
        case .unreadable(let unreadable):
            house.logbook.error(
                "record_unreadable",
                ["record": .text(unreadable.position.description), "why": .text(unreadable.why)])
        case .noAdapter(let adapter, let orders):
            house.logbook.warning(
                "reconcile_no_adapter", ["adapter": .text(adapter.rawValue), "orders": .integer(orders)])
        case .retrying(let error):
            house.logbook.warning("reconciler_retrying", ["why": .failure(error)])
            house.board.set(.ingest, part: part, .degraded, error.description)
        case .fenced: house.logbook.error("reconciler_fenced", [:])
        }
    }
}
