public import Domain

/// What has to be said on the log so that orders may leave again.
public enum StopRelease {
    /// Stops that only this machine knows are recorded first; then every stop that was seen is released by its name.
    ///
    /// Whoever releases has seen what he ends: a stop that comes between his look and his word has another name and
    /// stays. Empty when the log says already that nothing is engaged.
    public static func words(
        _ view: ControlView, latch notes: [KillNote], by actor: ActorName, for reason: Prose
    ) -> [ControlDesk.Word] {
        let unrecorded = notes.filter { !view.engagements.contains($0.eventID) }
        guard view.state.kill.isEngaged || !unrecorded.isEmpty else { return [] }
        let order = ControlOrder(scope: .global, actor: actor, reason: reason)
        let seen = view.state.kill.stops.map(\.engagedBy) + unrecorded.map(\.eventID)
        // As it was delivered it has no name.
        let names: [EventID?] = seen.isEmpty ? [nil] : seen
        return unrecorded.map(\.engagement)
            + names.map { name in
                ControlDesk.Word(.killSwitchReleased(KillSwitchReleased(order: order, engagedEventID: name)))
            }
    }
}

extension KillNote {
    /// The stop as the log has it when nobody could record it at once.
    public var engagement: ControlDesk.Word { engagement(by: .latchFile, reached: [], notReached: []) }

    /// The stop as an event, with the routers that were told.
    public func engagement(by source: KillSource, reached: [Address], notReached: [Address]) -> ControlDesk.Word {
        ControlDesk.Word(
            .killSwitchEngaged(
                KillSwitchEngaged(
                    order: ControlOrder(scope: .global, actor: actor, reason: reason), killSource: source,
                    triggeredAt: engagedAt, reached: reached, notReached: notReached)),
            eventID: eventID)
    }
}
