internal import Commands
internal import Core
internal import Domain
internal import Folding
internal import Synchronization

/// What control.v1 says, followed for whoever asks the API; when the log does not answer, that is what is known.
final class ControlSight: Sendable {
    struct Seen: Sendable {
        var view = ControlView()
        /// When it was last certain that nothing is missing; `nil` before the end was reached once.
        var provedAt: Timestamp?
        var fault: String?
        /// A record cannot be read, and no operator said what becomes of it: any may be an order to stop.
        var isUnread = false
        /// The first offset that is not in the view.
        var next: Int64 = 0
    }

    private let log: any EventLog
    private let time: any TimeSource
    private let seen = Mutex(Seen())

    init(_ log: any EventLog, _ time: any TimeSource) {
        self.log = log
        self.time = time
    }

    var now: Seen { seen.withLock { $0 } }

    /// Follows until cancelled; after a failure it begins anew, and says meanwhile what it knew.
    func run() async {
        while !Task.isCancelled {
            do { try await follow() } catch {
                let why = "\(error)"
                seen.withLock { $0.fault = why }
            }
            do { try await Task.sleep(for: .seconds(1)) } catch { return }
        }
    }

    private func follow() async throws {
        let follower = try await LogFollower.open(
            log, [ControlView.source], reading: { EventReading(wanting: ControlView.types) })
        var view = ControlView()
        var reading = SettledReading(wanting: ControlView.types)
        let outcome: Result<Void, any Error>
        do {
            while !Task.isCancelled {
                let asked = time.now()
                let batch = try await follower.next(waiting: .milliseconds(500))
                for record in batch { view.take(record, &reading) }
                guard try await follower.isAtEnd(of: ControlView.source) else { continue }
                let (current, isUnread) = (view, reading.hasFaults(in: ControlView.source.topic))
                let next = follower.place(of: ControlView.source)?.next ?? 0
                seen.withLock { $0 = Seen(view: current, provedAt: asked, fault: nil, isUnread: isUnread, next: next) }
            }
            outcome = .success(())
        } catch { outcome = .failure(error) }
        await follower.close()
        try outcome.get()
    }
}
