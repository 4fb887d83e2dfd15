/// When a role counts as silent, or as standing still.
public struct SightingLimits: Sendable {
    /// Three heartbeats that did not come; one second less than 15, which is for the way to whoever asks.
    public var silence: Duration = .seconds(14)
    /// So long it may work on what it has; a heartbeat later this is known to everybody.
    public var stillness: Duration = .seconds(10)
    /// So long a heartbeat tells how it is: until the next one is due.
    public var certainty: Duration = .seconds(6)
    /// Roles of processes that are remembered.
    public var maximumSightings = 1_000

    public init() {}
}
