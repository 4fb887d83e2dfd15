import Core
import Synchronization
import WebSocket

/// Who listens to what.
///
/// Slow listeners are dropped: a broker does not wait for them.
final class StreamHub: Sendable {
    private struct State {
        var updates: [UInt64: UpdateListener] = [:]
        /// The latest messages that take back or correct executions: no list of the broker's has them.
        var amendments: [Tree] = []
        var faults = StreamFaults()
        var market: [UInt64: MarketListener] = [:]
        var count: UInt64 = 0
    }

    struct UpdateListener: Sendable {
        let connection: WebSocketConnection
        let key: String
    }

    struct MarketListener: Sendable {
        let connection: WebSocketConnection
        var channels: [String: Set<String>] = [:]
        /// Shares and crypto are told at different addresses.
        var isCrypto: Bool { connection.path.hasPrefix("/v1beta3/crypto/") }

        func wants(_ channel: String, _ symbol: String) -> Bool {
            let symbols = channels[channel] ?? []
            return symbols.contains(symbol) || symbols.contains("*")
        }
    }

    private let state = Mutex(State())
    /// Paper accounts speak in binary frames.
    let sendsBinary: Bool

    init(sendsBinary: Bool) { self.sendsBinary = sendsBinary }

    func frame(_ tree: Tree) -> WebSocketMessage { sendsBinary ? .binary(tree.bytes) : .text(tree.bytes) }

    /// So many amendments are told again to whoever begins to listen.
    static let keptAmendments = 4_000

    /// A place for one listener to the account's updates; `nil` when its key listens already.
    ///
    /// What is sent by `answer` comes before the first update.
    func listen(
        to connection: WebSocketConnection, key: String, _ answer: () throws -> Void
    ) rethrows -> UInt64? {
        let entered = try state.withLock { state -> (UInt64, [Tree])? in
            guard !state.updates.values.contains(where: { $0.key == key }) else { return nil }
            try answer()
            state.count += 1
            state.updates[state.count] = UpdateListener(connection: connection, key: key)
            return (state.count, state.amendments)
        }
        guard let (number, amendments) = entered else { return nil }
        for amendment in amendments { send(frame(amendment), to: connection) }
        return number
    }

    func isListening(_ key: String) -> Bool {
        state.withLock { $0.updates.values.contains { $0.key == key } }
    }

    func plan(_ greeting: StreamFaults.Greeting, times: Int) {
        state.withLock { $0.faults.plan(greeting, times: times) }
    }
    func greeting() -> StreamFaults.Greeting? { state.withLock { $0.faults.take() } }
    func heal() { state.withLock { $0.faults.heal() } }

    func leave(_ number: UInt64) {
        state.withLock { state in
            state.updates[number] = nil
            state.market[number] = nil
        }
    }

    /// A place for one listener of each market's data; `nil` when it is taken.
    func enter(_ connection: WebSocketConnection) -> UInt64? {
        state.withLock { state in
            let listener = MarketListener(connection: connection)
            guard !state.market.values.contains(where: { $0.isCrypto == listener.isCrypto }) else { return nil }
            state.count += 1
            state.market[state.count] = listener
            return state.count
        }
    }

    func channels(of number: UInt64, _ change: (inout [String: Set<String>]) -> Void) -> [String: Set<String>] {
        state.withLock { state in
            guard var listener = state.market[number] else { return [:] }
            change(&listener.channels)
            state.market[number] = listener
            return listener.channels
        }
    }

    /// Updates of orders, in the order they happened: the broker calls it under its lock.
    func publish(_ updates: [TradeUpdate]) {
        guard !updates.isEmpty else { return }
        let isHeard = state.withLock { !$0.updates.isEmpty }
        var messages: [WebSocketMessage] = []
        for update in updates where isHeard || update.isAmendment {
            messages.append(frame(update.json))
            if update.isAmendment { remember(update.json) }
        }
        for connection in updateConnections {
            for message in messages { send(message, to: connection) }
        }
    }

    /// One more that is told again to whoever begins to listen.
    func remember(_ amendment: Tree) {
        state.withLock { state in
            if state.amendments.count == Self.keptAmendments { state.amendments.removeFirst() }
            state.amendments.append(amendment)
        }
    }

    var remembered: [Tree] { state.withLock { $0.amendments } }

    private var updateConnections: [WebSocketConnection] { state.withLock { $0.updates.values.map(\.connection) } }

    /// The same to everybody who listens to updates.
    func sendAll(_ message: WebSocketMessage) {
        for connection in updateConnections { send(message, to: connection) }
    }

    func publishMarket(_ channel: String, _ symbol: String, _ tree: Tree) {
        let listeners = state.withLock { $0.market.values.filter { $0.wants(channel, symbol) } }
        for listener in listeners { send(.text(Tree.array([tree]).bytes), to: listener.connection) }
    }

    private func send(_ message: WebSocketMessage, to connection: WebSocketConnection) {
        do { try connection.send(message) } catch { connection.drop() }
    }

    /// Ends connections without a farewell, as a network does.
    func dropAll() {
        let all = state.withLock { state in
            state.updates.values.map(\.connection) + state.market.values.map(\.connection)
        }
        for connection in all { connection.drop() }
    }

    /// The latest listener to updates, while there is one: another number is another connection.
    var updateListener: UInt64? { state.withLock { $0.updates.keys.max() } }

    var listeners: (updates: Int, market: Int) { state.withLock { ($0.updates.count, $0.market.count) } }
}
