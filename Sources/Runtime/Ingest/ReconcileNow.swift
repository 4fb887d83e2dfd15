public import Core
public import Domain
internal import Folding
internal import Ingest
internal import Synchronization
internal import Threading

/// One look at the broker's books by a command, beside whoever reconciles all the time.
public enum ReconcileNow {
    public struct Shown: Sendable {
        public enum Standing: String, Sendable {
            /// On the log already.
            case open
            /// Believed now; written, unless nothing was to be written.
            case found
            /// Seen once, or too young to be believed.
            case suspected
            /// An operator explained it.
            case explained
        }

        public let difference: BookDifference
        public let standing: Standing
        /// Under which it lies on the log; `nil` while it is only suspected, and once it is explained.
        ///
        /// After a look that writes nothing the log may not know it.
        public let id: EventID?
    }

    public struct Outcome: Sendable {
        public let shown: [Shown]
        public let resolved: [OpenDiscrepancy]
        public let ordersRead: Int
        /// Questions without an answer, and why.
        public let failures: [String]

        /// Whether something does not fit that nobody explained.
        public func has(_ standings: Shown.Standing...) -> Bool { shown.contains { standings.contains($0.standing) } }
    }

    /// Under a name of its own: it fences nobody.
    private static let writerName = "torghut.operator.reconcile"

    public static func look(
        _ settings: Settings, _ log: any EventLog, identity: String, writing: Bool
    ) async throws -> Outcome {
        guard let setup = try ReconcileSetup(settings) else {
            throw SettingsProblems(
                problems: ["\(BrokerAddresses.credentials.joined(separator: ", ")): the broker cannot be asked without"]
            )
        }
        let ear = Ear()
        let snapshots = SnapshotStore(folder: "\(settings.dataFolder)/snapshots", logID: identity)
        var context = setup.context(log: log, time: SystemTime(), snapshots: snapshots, observer: ear)
        context.writerName = writerName
        let report = try await Reconciler(context).once(writing: writing)
        return Outcome(
            shown: report.differences.map { difference in
                Shown(
                    difference: difference, standing: standing(of: difference, in: report),
                    id: report.open.first { $0.key == difference.key }?.id)
            },
            // What shows itself again in the second look is not over.
            resolved: report.findings.resolved.filter { row in !report.differences.contains { $0.key == row.key } },
            ordersRead: report.ordersRead, failures: ear.failures)
    }

    private static func standing(of difference: BookDifference, in report: RoundReport) -> Shown.Standing {
        if report.findings.opened.contains(difference) { return .found }
        if report.open.contains(where: { $0.key == difference.key }) { return .open }
        return report.explained.contains(difference.key) ? .explained : .suspected
    }

    private final class Ear: ReconcilerObserver {
        private let heard = Mutex<[String]>([])

        var failures: [String] { heard.withLock { $0 } }

        func asked(_ read: BrokerRead) {
            guard read.verdict == .failed || read.verdict == .incomplete else { return }
            let why = [read.failure?.rawValue ?? "not all of it", read.detail].compactMap { $0 }.joined(separator: ": ")
            heard.withLock { $0.append("\(read.adapter.rawValue) \(read.question.rawValue): \(why)") }
        }

        func finished(_ round: RoundReport) {}

        func noted(_ note: ReconcilerNote) {
            switch note {
            case .unreadable(let unreadable): heard.withLock { $0.append(unreadable.description) }
            case .noAdapter(let adapter, let orders):
                heard.withLock { $0.append("\(orders) orders went by \(adapter.rawValue), which cannot be asked") }
            case .ready, .snapshotDiscarded, .snapshotSaved, .snapshotFailed, .retrying, .fenced: break
            }
        }
    }
}
