public import Core
internal import Folding
internal import Threading
internal import WebSocket

/// Our own connection to the broker's update stream: what it says of orders lies on the trade-updates topics.
///
/// One process has it at a time; the one that came last fences the others, and whoever is fenced drops his socket.
public struct AlpacaStream: Sendable {
    private let context: StreamContext

    public init(_ context: StreamContext) { self.context = context }

    /// Runs until the task is cancelled; throws when another process has the stream now, or when it cannot go on.
    public func run() async throws(LogError) {
        try await LogPatience.live(
            context.time, fenced: { context.observer.noted(.fenced) },
            retrying: { context.observer.noted(.retrying($0)) }
        ) { () async throws(LogError) in try await live() }
    }

    /// One ownership: fences whoever had the stream, takes the lease, and only then dials.
    private nonisolated(nonsending) func live() async throws(LogError) {
        let opened = try await context.log.writer(named: StreamNames.writer(of: context.place.account))
        let known: (lease: StreamLease, completeUntil: Timestamp?)
        do throws(LogError) { known = try await StreamLease.read(context) } catch {
            await opened.close()
            throw error
        }
        // Nobody wants it any more: the lease stays with who had it.
        guard !Task.isCancelled else { return await opened.close() }
        let reach = StreamReach(until: known.completeUntil)
        let hold = StreamHold(context.time)
        // Rung for what is to be written: updates, and changes of how the stream is.
        let bell = Arrivals()
        let standing = StandingDesk { [observer = context.observer] standing in
            observer.changed(standing)
            bell.wake()
        }
        let buffer = StreamBuffer(context.limits, bell, standing)
        let writer = StreamWriter(context, opened, known.lease, buffer, standing, reach, hold)
        do throws(LogError) { try await work(writer, buffer, standing, reach, hold) } catch {
            await writer.close()
            throw error
        }
        await writer.close()
    }

    private nonisolated(nonsending) func work(
        _ writer: StreamWriter, _ buffer: StreamBuffer, _ standing: StandingDesk, _ reach: StreamReach,
        _ hold: StreamHold
    ) async throws(LogError) {
        try await writer.takeLease()
        let line: StreamLine
        do throws(WebSocketError) { line = try StreamLine(context, buffer, standing, reach, hold) } catch {
            throw LogError(.open, .unavailable("\(error)"))
        }
        let listening = Task { await line.run() }
        // A task of its own: what came is written also when this one is cancelled.
        let writing = Task { () -> Result<Void, LogError> in
            do throws(LogError) { return .success(try await writer.run()) } catch { return .failure(error) }
        }
        let outcome = await withTaskCancellationHandler {
            await writing.value
        } onCancel: {
            listening.cancel()
            buffer.finish()
        }
        listening.cancel()
        buffer.finish()
        await listening.value
        try outcome.get()
    }
}
