internal import Core
internal import Domain
internal import Projections
internal import Telemetry

/// Hears what the projector does: counts it, writes it down, tells parked records on the log.
final class ProjectionWatch: ProjectionObserver {
    private let house: House
    private let metrics: ProjectionsMetrics
    private let announcer: ParkedAnnouncer

    init(_ house: House, _ metrics: ProjectionsMetrics) {
        self.house = house
        self.metrics = metrics
        announcer = ParkedAnnouncer(house)
    }

    func committed(_ commits: [ProjectionCommit]) {
        for commit in commits {
            let (name, partition) = (commit.unit.projection, "\(commit.unit.partition)")
            metrics.folded.labelled(name, partition).increment(by: UInt64(max(0, commit.offsets)))
            metrics.rows.labelled(name, partition).increment(by: UInt64(commit.rows))
            metrics.commits.labelled(name, partition).increment()
            metrics.batchRecords.observe(Double(commit.offsets))
        }
        house.board.progressed(.projections)
    }

    func noted(_ note: ProjectionNote) {
        switch note.kind {
        case .retrying:
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
