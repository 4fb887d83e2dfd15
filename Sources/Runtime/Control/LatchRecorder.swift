internal import Commands
internal import Core
internal import Domain
internal import Telemetry

/// Tells the log of a stop that was engaged while nobody could: the latch is there, and control.v1 does not know it.
public struct LatchRecorder: Sendable {
    static let every: Duration = .milliseconds(500)
    /// So long whoever engaged it has time to record it himself, with the routers that he reached.
    public static let grace: Duration = .seconds(6)

    private let house: House
    private let latch: KillLatch
    private let grace: Duration

    public init(_ house: House, grace: Duration = LatchRecorder.grace) {
        self.house = house
        self.grace = grace
        latch = KillLatch(dataFolder: house.settings.dataFolder)
    }

    /// Works until cancelled.
    public func run() async throws {
        let desk = ControlDesk(
            house.log, house.time, source: try SourceName("latch"), writerName: "torghut.latch.\(house.process)")
        var known = Set<EventID>()
        var fault: String?
        while true {
            do {
                try await record(desk, &known)
                fault = nil
            } catch let error as CancellationError {
                throw error
            } catch {
                if fault != "\(error)" { house.logbook.warning("latch_not_recorded", ["why": .failure(error)]) }
                fault = "\(error)"
            }
            try await Task.sleep(for: Self.every)
        }
    }

    private func record(_ desk: ControlDesk, _ known: inout Set<EventID>) async throws {
        let now = house.time.now()
        let notes = try latch.look()?.notes.filter { !known.contains($0.eventID) } ?? []
        let due = notes.filter { now.since($0.engagedAt) >= grace }
        guard !due.isEmpty else { return }
        let view = try await ControlView.read(house.log)
        let missing = due.filter { !view.engagements.contains($0.eventID) }
        if !missing.isEmpty {
            let places = try await desk.say(missing.map(\.engagement))
            house.logbook.warning(
                "latch_recorded",
                [
                    "at": .text(places.map(\.description).joined(separator: ",")),
                    "actor": .text(missing.map(\.actor.text).joined(separator: ",")),
                ])
        }
        known.formUnion(due.map(\.eventID))
    }
}
