internal import Core
public import Domain
internal import Synchronization
internal import Telemetry
internal import Threading
internal import Wire

/// Says on `torghut.heartbeats.v1` how each role of this process is, and where: not that the process is up, but that
/// the role gets on or has nothing to do.
public final class Heart: Sendable {
    public static let every: Duration = .seconds(5)
    /// A change of state is told at once, and no more often than this.
    static let atMost: Duration = .seconds(1)

    private let house: House
    private let roles: [RoleName]
    private let startedAt: Timestamp
    private let process: ProcessName
    private let configHash: ContentHash
    private let count = Atomic<Int>(0)
    private let control: ControlPlaneMetrics

    public init(_ house: House, roles: [RoleName]) {
        self.house = house
        self.roles = roles
        startedAt = house.time.now()
        control = ControlPlaneMetrics(in: house.registry)
        process = ProcessName(trusted: String(house.process.prefix(ProcessNameKind.maximumBytes)))
        configHash = house.settings.policy.policyHash
    }

    /// Beats until cancelled; a log that is away is tried again at the next beat.
    public func run() async throws {
        var fault: String?
        while true {
            let (seen, next) = (house.board.changes.count, ContinuousClock.now + Self.every)
            do throws(LogError) {
                try await watched()
                fault = nil
            } catch {
                if fault != error.description { house.logbook.warning("no_heartbeat", ["why": .failure(error)]) }
                fault = error.description
            }
            try await Task.sleep(for: Self.atMost)
            await house.board.changes.wait(after: seen, until: next)
            try Task.checkCancellation()
        }
    }

    /// How long the log takes over it, and whether it takes it at all, is what is known of the log here.
    private func watched() async throws(LogError) {
        let began = house.time.uptime()
        house.appends.begin(at: house.time.now())
        do throws(LogError) { try await beat() } catch {
            house.appends.end(at: house.time.now(), took: house.time.uptime() - began, fault: error.description)
            throw error
        }
        house.appends.end(at: house.time.now(), took: house.time.uptime() - began, fault: nil)
    }

    /// The last beat of a process that ends as it should: nobody has to wait until its silence is noticed.
    public func farewell() async {
        for role in roles { house.board.ended(role) }
        do throws(LogError) { try await beat() } catch {
            house.logbook.warning("no_heartbeat", ["why": .failure(error)])
        }
    }

    func beat() async throws(LogError) {
        let start = house.time.uptime()
        defer { control.turned(.heartbeat, house.time.uptime() - start) }
        let count = count.add(1, ordering: .relaxed).newValue
        let writer = try await house.log.writer(named: "torghut.heart.\(house.process)")
        let outcome: Result<Void, LogError>
        do throws(LogError) {
            var encoder = EventEncoder()
            var records: [NewRecord] = []
            for role in roles { records.append(encoder.record(event(try await word(of: role), count))) }
            try await writer.append(Append(records))
            outcome = .success(())
        } catch { outcome = .failure(error) }
        await writer.close()
        try outcome.get()
    }

    /// What is said of one role now.
    func word(of role: RoleName) async throws(LogError) -> HeartbeatRecorded {
        let standing = house.board[role]
        let reach = house.board.reach(of: role)
        let places = reach.standings
        let bounds = places.isEmpty ? [:] : try await house.log.bounds(of: Array(places.keys))
        let progress = places.sorted { $0.key < $1.key }.map { source, place in
            PartitionProgress(
                topic: TopicName(trusted: source.topic), partition: Int64(source.partition), position: place.next,
                endOffset: bounds[source]?.end, lastEventTime: place.lastEventTime)
        }
        house.board.behind(role, progress)
        let now = house.time.now()
        let silence = reach.silence(at: house.time.uptime())
        // Where nothing is read the role's own word is all there is.
        let asked = silence.flatMap { now.advanced(by: .zero - $0) } ?? standing.lastProgress
        return HeartbeatRecorded(
            process: process, role: role, state: standing.state, startedAt: startedAt,
            lastProgressAt: asked,
            idleProved: !progress.isEmpty && progress.allSatisfy { $0.position >= $0.endOffset ?? .max },
            progress: Array(progress.prefix(512)), configHash: configHash,
            detail: Self.prose(standing.detail))
    }

    /// What a role says of itself may hold anything an error says.
    private static func prose(_ text: String) -> Prose? {
        // Never refused for its length: a scalar has four bytes at most.
        let cut = String(String.UnicodeScalarView(text.unicodeScalars.filter { $0 != "\0" }.prefix(1_000)))
        do { return try Prose(cut) } catch { return nil }
    }

    private func event(_ beat: HeartbeatRecorded, _ count: Int) -> Event {
        let now = house.time.now()
        let id = EventMint.eventID(
            .outside(source: "heartbeat", key: "\(house.process)/\(beat.role.rawValue)/\(count)"))
        let envelope = Envelope(
            eventID: id, eventTime: now, ingestTime: now, seq: Int64(count), source: SourceName(trusted: "torghut"),
            correlation: StoryID(high: id.high, low: id.low))
        return Event(envelope, .heartbeats(.heartbeatRecorded(beat)))
    }
}
