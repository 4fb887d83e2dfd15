public import Core

/// What heartbeats say of every role of every process, and what is to be thought of it: a fold of heartbeats.v1.
public struct RoleSightings: Sendable {
    /// One role of one process, as it was last seen.
    public struct Sighting: Sendable {
        public fileprivate(set) var beat: HeartbeatRecorded
        public fileprivate(set) var seenAt: Timestamp
        /// Partitions in which there was more to read and the role did not get on, and since when.
        fileprivate var stuck: [Place: Stuck] = [:]
        /// What it reads, and since when it was seen to.
        fileprivate var held: [Place: Timestamp] = [:]
        /// What it ever read, and when it was last seen to.
        fileprivate var had: [Place: Timestamp]
        /// Since when it says of itself what it says.
        fileprivate var since: Timestamp
        /// Since when it does not stand by for another.
        fileprivate var leaderSince: Timestamp?

        fileprivate init(_ beat: HeartbeatRecorded, at moment: Timestamp, after before: Sighting?) {
            self.beat = beat
            seenAt = moment
            stuck = RoleSightings.stuck(beat, moment, before?.stuck ?? [:])
            since = before.map { $0.beat.state == beat.state ? $0.since : moment } ?? moment
            had = before?.had ?? [:]
            for place in beat.progress.map(Place.init) {
                held[place] = before?.held[place] ?? moment
                had[place] = moment
            }
            switch beat.state {
            case .leaderStarting, .leaderNotStarted, .running, .degraded: leaderSince = before?.leaderSince ?? moment
            case .unknown: leaderSince = before?.leaderSince
            case .disabled, .follower: leaderSince = nil
            }
        }
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
        let before = sightings[key]
        if let before, before.seenAt > moment { return }
        sightings[key] = Sighting(beat, at: moment, after: before)
        if before == nil { forget() }
    }

    /// Where it stands behind the end at the very position it stood at before.
    fileprivate static func stuck(
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
    private mutating func forget() {
        while sightings.count > limits.maximumSightings {
            let oldest = sightings.min { ($0.value.seenAt, $0.key) < ($1.value.seenAt, $1.key) }
            guard let oldest else { return }
            sightings[oldest.key] = nil
        }
    }

    /// Every role that was seen, by role and process, as it is to be judged at this moment.
    public func standings(at now: Timestamp) -> [RoleStanding] {
        let sorted = sightings.sorted { $0.key < $1.key }
        let colleagues = Dictionary(grouping: sorted, by: \.key.role)
        return sorted.map { key, sighting in
            var standing = judge(sighting, at: now)
            guard standing.isSilent else { return standing }
            let others = (colleagues[key.role] ?? []).filter { $0.key != key }.map(\.value)
            let orphans = sighting.orphans(among: others)
            standing.orphans = orphans?.sorted().map { PartitionName($0.topic, $0.partition) } ?? []
            // Somebody else does its work: it is gone, and nothing is missing.
            standing.isReplaced = orphans?.isEmpty ?? false
            return standing
        }
    }

    /// Who reads which partition in each role, the one that began last where several follow the same.
    public func partitions(at now: Timestamp) -> [PartitionStanding] {
        let standings = standings(at: now)
        var found: [String: PartitionStanding] = [:]
        for standing in standings where standing.state != .disabled && !standing.isReplaced {
            guard let sighting = sightings[Key(role: standing.role, process: standing.process)] else { continue }
            for progress in sighting.beat.progress {
                let place = Place(progress)
                let name = "\(standing.role.rawValue) \(place.topic.text)/\(place.partition)"
                let one = PartitionStanding(
                    standing, progress, ownedSince: sighting.held[place] ?? sighting.seenAt)
                if let other = found[name], !other.isOlder(than: one) { continue }
                found[name] = one
            }
        }
        return found.values.sorted {
            ($0.role.rawValue, $0.partition.topic.text, $0.partition.partition)
                < ($1.role.rawValue, $1.partition.topic.text, $1.partition.partition)
        }
    }

    private func judge(_ sighting: Sighting, at now: Timestamp) -> RoleStanding {
        let beat = sighting.beat
        var standing = RoleStanding(beat, seenAt: sighting.seenAt)
        standing.since = sighting.since
        standing.leaderSince = sighting.leaderSince
        let silent = now.since(sighting.seenAt)
        if beat.state == .disabled { return standing }
        if silent >= limits.silence {
            standing.isSilent = true
            standing.state = .unknown
            standing.illSince = sighting.seenAt
            standing.detail = "no heartbeat for \(Self.seconds(silent)) s"
            return standing
        }
        guard beat.state == .running else {
            if !standing.isWell { standing.illSince = sighting.since }
            return standing
        }
        // What the next heartbeat would have said is not known: who is silent is silent, and not standing still.
        let now = min(now, sighting.seenAt.advanced(by: limits.certainty) ?? now)
        if let progress = beat.lastProgressAt, now.since(progress) >= limits.stillness {
            standing.state = .degraded
            standing.illSince = progress
            standing.detail = "has not looked for more for \(Self.seconds(now.since(progress))) s"
            return standing
        }
        let still = sighting.stuck.sorted { $0.key < $1.key }.filter { now.since($0.value.since) >= limits.stillness }
        if let (place, stuck) = still.first {
            standing.state = .degraded
            standing.illSince = still.map(\.value.since).min()
            standing.detail =
                "stands at \(place.topic)/\(place.partition)/\(stuck.position) for \(Self.seconds(now.since(stuck.since))) s"
                + ", and there is more"
        }
        return standing
    }

    private static func seconds(_ duration: Duration) -> Int64 { duration.components.seconds }
}

extension RoleSightings.Sighting {
    /// What it read and nobody has taken over since; `nil` while nobody does its work.
    ///
    /// What others followed beside it all the time was nobody's own. Whoever followed nothing else served by itself:
    /// only a process that began after its last word can be there in its place. Who took something over and has trouble
    /// with it now, or is silent himself, is the one that is missed.
    fileprivate func orphans(among others: [Self]) -> [RoleSightings.Place]? {
        let successors = others.filter { $0.beat.startedAt >= seenAt && ($0.beat.state == .running || !$0.had.isEmpty) }
        func isFollowed(_ place: RoleSightings.Place) -> Bool {
            others.contains { other in other.held[place].map { $0 < seenAt && other.seenAt >= seenAt } ?? false }
        }
        let own = held.keys.filter { !isFollowed($0) }
        guard !own.isEmpty else {
            // It stood by, or all that it followed others follow too.
            return successors.isEmpty ? nil : []
        }
        return own.filter { place in
            if others.contains(where: { $0.had[place].map { $0 >= seenAt } ?? false }) { return false }
            // A successor that reads nothing of the topic was told otherwise than its predecessor.
            return !successors.contains { next in !next.had.keys.contains { $0.topic == place.topic } }
        }
    }
}
