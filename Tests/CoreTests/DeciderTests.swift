import Core
import Testing

@Suite struct `A decider` {
    /// A door with a key: the smallest thing that has rules.
    enum Door: Decider {
        struct State: Sendable, Equatable { var isOpen = false }
        enum Command: Sendable { case open, close }
        enum Rejection: Error, Equatable { case alreadyOpen, alreadyClosed }
        enum Event: Sendable, Equatable { case opened, closed }

        static let initial = State()

        static func decide(_ command: Command, given state: State) throws(Rejection) -> [Event] {
            switch command {
            case .open:
                guard !state.isOpen else { throw .alreadyOpen }
                return [.opened]
            case .close:
                guard state.isOpen else { throw .alreadyClosed }
                return [.closed]
            }
        }

        static func evolve(_ state: inout State, with event: Event) {
            switch event {
            case .opened: state.isOpen = true
            case .closed: state.isOpen = false
            }
        }
    }

    @Test func `gives the state that its history led to`() {
        #expect(Door.state(after: []) == Door.initial)
        #expect(Door.state(after: [.opened, .closed, .opened]).isOpen)
    }

    @Test func `says why not, as a type`() {
        #expect(throws: Door.Rejection.alreadyOpen) { () throws(Door.Rejection) in
            try Door.decide(.open, given: Door.state(after: [.opened]))
        }
    }
}
