public import Core

/// An order that is given beforehand: what was really sent once, or what a test wants.
public struct ScriptedOrder: Sendable, Equatable {
    public let time: Timestamp
    public let request: OrderRequest

    public init(time: Timestamp, request: OrderRequest) {
        self.time = time
        self.request = request
    }
}
