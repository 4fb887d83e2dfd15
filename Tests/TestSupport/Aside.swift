internal import Foundation

/// Runs what blocks on a thread of its own: two blocked threads of the shared pool are all there are on a small machine,
/// and then nothing else of the test goes on.
public func aside<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
    }
}
