internal import Dispatch

/// A short wait between two questions to a cluster that has not made up its mind; only on blocking executors.
enum Pause {
    static func shortly(milliseconds: Int = 50) {
        // Nobody signals it: the wait runs its full time, and the thread is one that is meant to block.
        _ = DispatchSemaphore(value: 0).wait(timeout: .now() + .milliseconds(milliseconds))
    }
}
