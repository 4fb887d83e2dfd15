internal import Core
internal import Domain
internal import Projections
internal import Synchronization
internal import Telemetry

/// Hears what the projector does: counts it, writes it down, tells parked records on the log.
final class ProjectionWatch: ProjectionObserver {
    private let house: House
    private let metrics: ProjectionsMetrics
    private let announcer: ParkedAnnouncer
    /// The last commit of each partition by this process.
    private let commits = Mutex<[UnitName: (vector: FoldedVector, root: StateRoot)]>([:])

    init(_ house: House, _ metrics: ProjectionsMetrics) {
        self.house = house
        self.metrics = metrics
        announcer = ParkedAnnouncer(house)
    }

    func committed(_ commits: [ProjectionCommit]) {
        self.commits.withLock { last in
            for commit in commits { last[commit.unit] = (commit.vector, commit.root) }
        }
        for commit in commits {
            let (name, partition) = (commit.unit.projection, "\(commit.unit.partition)")
            metrics.folded.labelled(name, partition).increment(by: UInt64(max(0, commit.offsets)))
            metrics.rows.labelled(name, partition).increment(by: UInt64(commit.rows))
            metrics.commits.labelled(name, partition).increment()
            metrics.batchRecords.observe(Double(commit.offsets))
        }
        house.board.progressed(.projections)
    }

    /// Holds what the database says of a partition against what was committed there, where it stands at that place.
    func check(_ standing: UnitStanding) {
        guard let last = commits.withLock({ $0[standing.unit] }), last.vector == standing.vector else { return }
        let isSame = last.root == standing.root
        metrics.rootChecks.labelled(standing.unit.projection, isSame ? "same" : "different").increment()
        guard !isSame else { return }
        house.logbook.error("projection_root_differs", ["unit": .text("\(standing.unit)")])
    }

    func noted(_ note: ProjectionNote) {
        switch note.kind {
        case .retrying:
            // A note has no error any more: what it says in full is in the program's log.
            house.board.failed(.projections, for: "retrying")
            metrics.retries.increment()
            house.logbook.warning("projection_retrying", ["why": .text(note.text)])
            house.board.set(.projections, .degraded, note.text)
        case .halted:
            house.logbook.error("projection_halted", ["why": .text(note.text)])
            house.board.set(.projections, .degraded, note.text)
        case .fenced: house.logbook.error("projection_fenced", ["why": .text(note.text)])
        }
    }

    func parked(_ row: ParkedRow, of unit: UnitName) async {
        do {
            guard try await announcer.announce(row, of: unit) else { return }
            metrics.announced.increment()
            house.logbook.warning(
                "record_parked",
                [
                    "projection": .text(unit.projection), "record": .text(row.place.position.description),
                    "reason": .text(row.reason ?? ""), "path": .text(row.path ?? ""),
                ])
        } catch {
            // The row itself is committed; whoever takes over next tells it.
            metrics.announcementsFailed.increment()
            house.logbook.error(
                "parked_not_announced",
                ["record": .text(row.place.position.description), "why": .failure(error)])
        }
    }

    func close() async { await announcer.close() }
}
