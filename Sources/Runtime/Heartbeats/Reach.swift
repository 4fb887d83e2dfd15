internal import Core
internal import Synchronization

/// How far one role has read in each partition, and when each of its readers last asked for more.
///
/// Whoever asks for more has worked off what he had. So a role that hangs is seen here, however alive its process is:
/// its reader stops asking.
final class Reach: Sendable {
    struct Standing: Sendable, Equatable {
        var next: Int64
        var lastEventTime: Timestamp?
    }

    private struct Reading {
        var reached: [TopicPartition: Standing]
        var pending: [TopicPartition: Standing] = [:]
        /// Time since some fixed moment: clocks that are set do not make a reader silent.
        var askedAt: Duration
    }

    private struct State {
        var readings: [Int: Reading] = [:]
        var opened = 0
    }

    private let state = Mutex(State())

    /// A reader of these partitions is open; answers the number by which it is known here.
    func open(_ starts: [TopicPartition: Int64], at now: Duration) -> Int {
        state.withLock { state in
            state.opened += 1
            state.readings[state.opened] = Reading(reached: starts.mapValues { Standing(next: $0) }, askedAt: now)
            return state.opened
        }
    }

    func asked(_ reader: Int, at now: Duration) {
        state.withLock { state in
            guard var reading = state.readings[reader] else { return }
            reading.reached.merge(reading.pending) { $1 }
            reading.pending = [:]
            reading.askedAt = now
            state.readings[reader] = reading
        }
    }

    func handed(_ reader: Int, _ batch: RecordBatch) {
        guard !batch.next.isEmpty else { return }
        var last: [TopicPartition: Int64] = [:]
        for entry in batch.entries { last[batch.sources[Int(entry.source)]] = entry.timestamp }
        state.withLock { state in
            for (source, next) in batch.next {
                let before = state.readings[reader]?.reached[source]?.lastEventTime
                let moment = last[source].map { Timestamp(nanoseconds: $0 &* 1_000_000) } ?? before
                state.readings[reader]?.pending[source] = Standing(next: next, lastEventTime: moment)
            }
        }
    }

    func closed(_ reader: Int) { state.withLock { _ = $0.readings.removeValue(forKey: reader) } }

    /// Where the role is in each partition that it reads: where two readers read one, the one that is behind.
    var standings: [TopicPartition: Standing] {
        state.withLock { state in
            state.readings.values.reduce(into: [:]) { all, reading in
                all.merge(reading.reached) { $0.next <= $1.next ? $0 : $1 }
            }
        }
    }

    /// How long the reader that has been silent for longest has not asked for more; `nil` where none is open.
    func silence(at now: Duration) -> Duration? {
        state.withLock { state in state.readings.values.map(\.askedAt).min().map { max(.zero, now - $0) } }
    }
}
