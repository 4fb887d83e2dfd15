internal import Glibc
internal import Synchronization

/// Writes whole lines to a file descriptor it does not own: lines of several threads never mix.
///
/// A line that cannot be written is counted as lost, never waited for and never a reason to stop. The program must
/// ignore SIGPIPE, else a reader that goes away ends it.
public final class FileLines: Sendable {
    private struct State {
        /// A line was cut off: the next one starts on a line of its own.
        var isTorn = false
    }

    private let descriptor: Int32
    private let metrics: TelemetryMetrics
    private let state = Mutex(State())

    public init(_ descriptor: Int32, _ metrics: TelemetryMetrics) {
        self.descriptor = descriptor
        self.metrics = metrics
    }

    public func write(_ line: [UInt8]) {
        state.withLock { state in
            let whole = state.isTorn ? [UInt8(ascii: "\n")] + line : line
            let written = put(whole)
            if written == whole.count {
                state.isTorn = false
            } else {
                state.isTorn = state.isTorn ? written != 1 : written > 0
                metrics.linesLost.increment()
            }
        }
    }

    /// How many bytes went out.
    private func put(_ bytes: [UInt8]) -> Int {
        var done = 0
        while done < bytes.count {
            // Safe: the pointer is used inside the call, and the range lies within the array.
            let result = unsafe bytes[done...].withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if result > 0 {
                done += result
            } else if result == 0 || errno != EINTR {
                break
            }
        }
        return done
    }
}
