/// Rules as two pure functions: a state and a command give events or the reason why not; events give the state.
///
/// `evolve` never throws, logs or doubts, because an event is a fact; so the same history gives the same state on
/// every machine.
public protocol Decider {
    associatedtype State: Sendable
    associatedtype Command: Sendable
    associatedtype Event: Sendable, Equatable
    associatedtype Rejection: Error, Equatable

    /// Where every history starts.
    static var initial: State { get }
    static func decide(_ command: Command, given state: State) throws(Rejection) -> [Event]
    static func evolve(_ state: inout State, with event: Event)
}

extension Decider {
    /// The state after a history.
    public static func state(after events: some Sequence<Event>) -> State {
        events.reduce(into: initial) { evolve(&$0, with: $1) }
    }
}
