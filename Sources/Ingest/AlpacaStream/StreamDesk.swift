internal import Core
internal import Domain
internal import Synchronization
internal import Wire

/// Makes records of what the broker says, and remembers which orders are open.
final class StreamDesk: Sendable {
    private struct State: ~Copyable {
        var reader = StreamFrameReader()
        var numbers: [String: Int64] = [:]
        /// Orders that are open as far as we heard, with how late in our hearing they were last heard of.
        var open: [String: Int] = [:]
        var heard = 0
    }

    /// Symbols are counted by themselves, as the original does; a crowd of them starts over, as it does at a restart.
    private static let mostSymbols = 65_536

    private let state = Mutex(State())
    private let envelope: UpdateEnvelope
    private let time: any TimeSource
    private let mostOrders: Int

    init(_ context: StreamContext) {
        envelope = UpdateEnvelope(account: context.place.account)
        time = context.time
        mostOrders = context.limits.openOrders
    }

    func read(_ message: [UInt8]) -> Result<StreamFrame, StreamFrameFault> {
        state.withLock { state in
            do throws(StreamFrameFault) { return .success(try state.reader.read(message)) } catch {
                return .failure(error)
            }
        }
    }

    /// The update as both topics take it.
    func item(_ update: StreamUpdate, _ source: UpdateEnvelope.Source, of connection: Int) -> StreamBuffer.Item {
        let now = time.now()
        let symbol = update.symbol ?? ""
        let number = state.withLock { state in
            if state.numbers.count >= Self.mostSymbols { state.numbers = [:] }
            state.numbers[symbol, default: 0] += 1
            if let order = update.orderID { note(order, isOver: update.isOver, in: &state) }
            return state.numbers[symbol, default: 1]
        }
        return StreamBuffer.Item(
            connection: connection, origin: source == .stream ? .stream : .rest,
            records: envelope.records(of: update, from: source, seq: number, takenIn: now),
            // No word of the broker's is from the future: one that says so must not hide what comes.
            time: update.eventTime.map { min($0, now) })
    }

    private func note(_ order: String, isOver: Bool, in state: inout State) {
        guard !isOver else {
            state.open[order] = nil
            return
        }
        state.heard += 1
        state.open[order] = state.heard
        guard state.open.count > mostOrders else { return }
        // A tenth at once, so that this is rare.
        let oldest = state.open.sorted { $0.value < $1.value }.prefix(max(1, mostOrders / 10))
        for (order, _) in oldest { state.open[order] = nil }
    }

    /// Orders that were open when they were last heard of.
    var openOrders: Set<String> { state.withLock { Set($0.open.keys) } }

    func forget(_ order: String) { state.withLock { $0.open[order] = nil } }
}
