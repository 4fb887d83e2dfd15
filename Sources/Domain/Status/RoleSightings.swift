public import Core

/// What heartbeats say of every role of every process, and what is to be thought of it: a fold of heartbeats.v1.
public struct RoleSightings: Sendable {
    /// One role of one process, as it was last seen.
    public struct Sighting: Sendable {
        public fileprivate(set) var beat: HeartbeatRecorded
        public fileprivate(set) var seenAt: Timestamp
        /// Partitions in which there was more to read and the role did not get on, and since when.
        fileprivate var stuck: [Place: Stuck] = [:]
    }

    fileprivate struct Place: Hashable, Comparable {
        let topic: TopicName
        let partition: Int64

        init(_ progress: PartitionProgress) { (topic, partition) = (progress.topic, progress.partition) }

        static func < (left: Self, right: Self) -> Bool {
            (left.topic.text, left.partition) < (right.topic.text, right.partition)
        }
    }

    fileprivate struct Stuck {
        let position: Int64
        let since: Timestamp
    }

    private struct Key: Hashable, Comparable {
        let role: RoleName
        let process: ProcessName

        static func < (left: Self, right: Self) -> Bool {
            (left.role.rawValue, left.process.text) < (right.role.rawValue, right.process.text)
        }
    }

    private var sightings: [Key: Sighting] = [:]
    public let limits: SightingLimits

    public init(limits: SightingLimits = SightingLimits()) { self.limits = limits }

    /// Heartbeats of one process come in its order; one that is older than what is known says nothing new.
    public mutating func fold(_ beat: HeartbeatRecorded, at moment: Timestamp) {
        let key = Key(role: beat.role, process: beat.process)
        guard let before = sightings[key] else {
            sightings[key] = Sighting(beat: beat, seenAt: moment, stuck: Self.stuck(beat, moment, [:]))
            return forget(before: moment)
        }
        guard before.seenAt <= moment else { return }
        sightings[key] = Sighting(beat: beat, seenAt: moment, stuck: Self.stuck(beat, moment, before.stuck))
    }

    /// Where it stands behind the end at the very position it stood at before.
    private static func stuck(
        _ beat: HeartbeatRecorded, _ moment: Timestamp, _ before: [Place: Stuck]
    ) -> [Place: Stuck] {
        var stuck: [Place: Stuck] = [:]
        for progress in beat.progress {
            guard let end = progress.endOffset, progress.position < end else { continue }
            let place = Place(progress)
            if let known = before[place], known.position == progress.position {
                stuck[place] = known
            } else {
                stuck[place] = Stuck(position: progress.position, since: moment)
            }
        }
        return stuck
    }

    /// Processes that were silent for longest make room.
    private mutating func forget(before moment: Timestamp) {
        while sightings.count > limits.maximumSightings {
            let oldest = sightings.min { ($0.value.seenAt, $0.key) < ($1.value.seenAt, $1.key) }
            guard let oldest else { return }
            sightings[oldest.key] = nil
        }
    }

    /// Every role that was seen, by role and process, as it is to be judged at this moment.
    public func standings(at now: Timestamp) -> [RoleStanding] {
        let judged = sightings.sorted { $0.key < $1.key }.map { judge($0.value, at: now) }
        let served = Set(judged.filter { $0.state == .running && !$0.isSilent }.map(\.role))
        return judged.map { standing in
            var standing = standing
            // Somebody else does its work: it is gone, and nothing is missing.
            standing.isReplaced = standing.isSilent && served.contains(standing.role)
            return standing
        }
    }

    private func judge(_ sighting: Sighting, at now: Timestamp) -> RoleStanding {
        let beat = sighting.beat
        var standing = RoleStanding(beat, seenAt: sighting.seenAt)
        let silent = now.since(sighting.seenAt)
        if beat.state == .disabled { return standing }
        if silent >= limits.silence {
            standing.isSilent = true
            standing.state = .unknown
            standing.detail = "no heartbeat for \(Self.seconds(silent)) s"
            return standing
        }
        guard beat.state == .running else { return standing }
        if let progress = beat.lastProgressAt, now.since(progress) >= limits.stillness {
            standing.state = .degraded
            standing.detail = "has not looked for more for \(Self.seconds(now.since(progress))) s"
            return standing
        }
        let stuck = sighting.stuck.sorted { $0.key < $1.key }.first { now.since($0.value.since) >= limits.stillness }
        if let (place, stuck) = stuck {
            standing.state = .degraded
            standing.detail =
                "stands at \(place.topic)/\(place.partition)/\(stuck.position) for \(Self.seconds(now.since(stuck.since))) s"
                + ", and there is more"
        }
        return standing
    }

    private static func seconds(_ duration: Duration) -> Int64 { duration.components.seconds }
}

/// When a role counts as silent, or as standing still.
public struct SightingLimits: Sendable {
    /// Three heartbeats that did not come.
    public var silence: Duration = .seconds(15)
    /// So long it may work on what it has.
    public var stillness: Duration = .seconds(15)
    /// Roles of processes that are remembered.
    public var maximumSightings = 1_000

    public init() {}
}

/// One role of one process, judged.
public struct RoleStanding: Sendable, Equatable {
    public let role: RoleName
    public let process: ProcessName
    public internal(set) var state: RoleState
    public internal(set) var detail: String
    /// What it said of itself.
    public let said: RoleState
    public let startedAt: Timestamp
    public let seenAt: Timestamp
    public let lastProgressAt: Timestamp?
    public let idleProved: Bool
    public let progress: [PartitionProgress]
    /// Nothing was heard of it for too long.
    public internal(set) var isSilent = false
    /// Silent, and another process does its work.
    public internal(set) var isReplaced = false

    init(_ beat: HeartbeatRecorded, seenAt: Timestamp) {
        role = beat.role
        process = beat.process
        state = beat.state
        said = beat.state
        detail = beat.detail?.text ?? ""
        startedAt = beat.startedAt
        self.seenAt = seenAt
        lastProgressAt = beat.lastProgressAt
        idleProved = beat.idleProved
        progress = beat.progress
    }

    /// How many records lie before it, as far as it knew.
    public var lag: Int64 { progress.reduce(0) { $0 + max(0, ($1.endOffset ?? $1.position) - $1.position) } }

    /// Whether somebody has to look: a role that stands by or was never asked to run is well.
    public var isWell: Bool { isReplaced || [.running, .follower, .disabled].contains(state) }
}
