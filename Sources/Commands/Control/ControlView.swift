public import Core
public import Domain
public import Folding

/// What control.v1 says to its end: what is in force, which stops it has recorded, and which routers have stopped.
public struct ControlView: Sendable {
    /// Of each kind so many are remembered, the latest ones.
    public static let maximumRemembered = 1_024

    public private(set) var state = ControlState()
    /// Every engagement of the kill switch that is on the log, also those that were released.
    public private(set) var engagements: [EventID] = []
    public private(set) var observations: [KillSwitchObserved] = []
    /// Records that could not be read and of which no operator has said anything: any may be an order to stop.
    public private(set) var unreadable: [Unreadable] = []

    public static let source = TopicPartition(TopicCatalog.control.name, 0)
    public static let types = Set(Control.Kind.allCases.map(EventType.control))

    public init() {}

    public mutating func fold(_ event: Event, at offset: Int64) {
        guard case .control(let control) = event.content else { return }
        state.fold(control, event.envelope, at: offset)
        switch control {
        case .killSwitchEngaged: Self.remember(event.envelope.eventID, in: &engagements)
        case .killSwitchObserved(let seen): Self.remember(seen, in: &observations)
        case .killSwitchReleased, .laneDisabled, .laneEnabled, .emergencyStopLatched, .emergencyStopCleared,
            .policyChanged, .flagChanged, .overrideGranted, .quarantineReleased, .quarantineSkipped,
            .quarantinePatched, .symbolReviewOpened, .symbolReviewClosed, .breakerJudged, .runnerHealthObserved,
            .strategyEnabled, .strategyDisabled, .streamLeaseTaken, .canaryEvaluated:
            break
        }
    }

    private static func remember<Element>(_ element: Element, in list: inout [Element]) {
        if list.count == maximumRemembered { list.removeFirst() }
        list.append(element)
    }

    /// Reads control.v1 from its first record to what is its end when this begins.
    public static func read(_ log: any EventLog) async throws(LogError) -> ControlView {
        let follower = try await LogFollower.open(log, [source], reading: { EventReading(wanting: types) })
        var view = ControlView()
        var reading = SettledReading(wanting: types)
        let outcome: Result<Void, LogError>
        do throws(LogError) {
            while !follower.isCaughtUp {
                for record in try await follower.next(waiting: .milliseconds(200)) { view.take(record, &reading) }
                if Task.isCancelled { throw LogError(.read, .timedOut("cancelled before the end of control was read")) }
            }
            outcome = .success(())
        } catch { outcome = .failure(error) }
        await follower.close()
        try outcome.get()
        view.unreadable = reading.faults
        return view
    }

    /// One record of control, and what an operator gave in the place of an earlier one.
    public mutating func take(_ record: FollowedRecord<Event>, _ reading: inout SettledReading) {
        let patch = reading.settle(record.content)
        if case .fact(let event) = record.content { fold(event, at: record.offset) }
        if let patch { fold(patch.event, at: patch.place.offset) }
    }
}
