import Core
import Synchronization
import WebSocket

/// Who listens to what.
///
/// Slow listeners are dropped: a broker does not wait for them.
final class StreamHub: Sendable {
    private struct State {
        var updates: [UInt64: WebSocketConnection] = [:]
        var market: [UInt64: MarketListener] = [:]
        var count: UInt64 = 0
    }

    struct MarketListener: Sendable {
        let connection: WebSocketConnection
        var channels: [String: Set<String>] = [:]

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

    func listen(to connection: WebSocketConnection) -> UInt64 {
        state.withLock { state in
            state.count += 1
            state.updates[state.count] = connection
            return state.count
        }
    }

    func leave(_ number: UInt64) {
        state.withLock { state in
            state.updates[number] = nil
            state.market[number] = nil
        }
    }

    /// A place for one listener of market data; `nil` when it is taken.
    func enter(_ connection: WebSocketConnection) -> UInt64? {
        state.withLock { state in
            guard state.market.isEmpty else { return nil }
            state.count += 1
            state.market[state.count] = MarketListener(connection: connection)
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
        let listeners = state.withLock { Array($0.updates.values) }
        for connection in listeners {
            for update in updates { send(frame(update.json), to: connection) }
        }
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
            Array(state.updates.values) + state.market.values.map(\.connection)
        }
        for connection in all { connection.drop() }
    }

    var listeners: (updates: Int, market: Int) { state.withLock { ($0.updates.count, $0.market.count) } }
}
