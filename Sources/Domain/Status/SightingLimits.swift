/// When a role counts as silent, or as standing still.
public struct SightingLimits: Sendable {
    /// Two heartbeats that did not come and most of a third; two seconds less than 15 are left for the way to whoever asks.
    public var silence: Duration = .seconds(13)
    /// So long it may work on what it has; a heartbeat later this is known to everybody.
    public var stillness: Duration = .seconds(10)
    /// So long a heartbeat tells how it is: until the next one is due.
    public var certainty: Duration = .seconds(6)
    /// Roles of processes that are remembered.
    public var maximumSightings = 1_000

    public init() {}
}
