import Core
import Domain
import TestSupport
import Testing
import WebSocket

/// Carries what the simulated broker's stream says to the log, as a forwarder would.
final class UpdatePump: Sendable {
    private let client: WebSocketClient
    private let work: Task<Void, any Error>

    /// Comes back when it listens: what happens from then on is told.
    init(_ simulator: Simulator, to log: any EventLog) async throws {
        client = try WebSocketClient()
        let connection = try await client.connect("ws://127.0.0.1:\(simulator.ports["stream"] ?? 0)/stream")
        try connection.send(.text(#"{"action":"auth","key":"k","secret":"s"}"#))
        _ = try await connection.receive()
        try connection.send(.text(#"{"action":"listen","data":{"streams":["trade_updates"]}}"#))
        _ = try await connection.receive()
        let writer = try await log.writer(named: "pump")
        work = Task {
            while let message = try await connection.receive() {
                try await writer.append(
                    Append([
                        NewRecord(
                            topic: TopicCatalog.tradeUpdates.name, key: Array("AAPL".utf8), value: message.bytes)
                    ]))
            }
        }
    }

    func stop() async {
        work.cancel()
        await client.stop()
        _ = await work.result
    }
}
