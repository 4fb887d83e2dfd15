internal import CRdKafka
internal import Synchronization

/// Ends a wait inside librdkafka from outside: whoever closes or cancels need not sit the wait out.
final class Waker: Sendable {
    /// Unchecked, and safe: the queue is only touched under the mutex, and `retire` runs before it is destroyed.
    @safe private struct Target: @unchecked Sendable {
        let queue: OpaquePointer
    }

    private let target: Mutex<Target?>

    init(_ queue: OpaquePointer) { target = unsafe Mutex(Target(queue: queue)) }

    func wake() {
        target.withLock { target in
            if let target { unsafe rd_kafka_queue_yield(target.queue) }
        }
    }

    func retire() { target.withLock { $0 = nil } }
}
