import Dispatch
import Foundation
import Synchronization
import Testing
import Threading

@Suite(.timeLimit(.minutes(1))) struct `A worker thread` {
    private final class Diary: Sendable {
        private let entries = Mutex<[String]>([])
        func write(_ entry: String) { entries.withLock { $0.append(entry) } }
        var all: [String] { entries.withLock { $0 } }
    }

    @Test func `works until it is told to stop, and is gone when stop returns`() async throws {
        let diary = Diary()
        let turns = Atomic<Int>(0)
        let thread = try WorkerThread("turner") { signal in
            while !signal.isStopping { turns.add(1, ordering: .relaxed) }
            diary.write("ended")
        }
        while turns.load(ordering: .relaxed) == 0 { await Task.yield() }
        await thread.stop()
        #expect(diary.all == ["ended"])
        await thread.stop()  // Once more does no harm.
    }

    @Test func `has the name that ps shows`() async throws {
        let diary = Diary()
        let thread = try WorkerThread("journal-writer1") { _ in
            diary.write((try? String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8)) ?? "no name")
        }
        await thread.stop()
        #expect(diary.all == ["journal-writer1\n"])
    }

    @Test func `a name that Linux would cut is our bug`() async {
        await #expect(processExitsWith: .failure) {
            _ = try WorkerThread(String(repeating: "n", count: WorkerThread.maximumNameBytes + 1)) { _ in }
        }
    }

    @Test func `is woken from a call that blocks`() async throws {
        let semaphore = DispatchSemaphore(value: 0)
        let thread = try WorkerThread("sleeper", wake: { semaphore.signal() }) { signal in
            while !signal.isStopping { semaphore.wait() }
        }
        await thread.stop()
    }

    @Test func `many may ask it to stop, and all see it stopped`() async throws {
        let diary = Diary()
        let thread = try WorkerThread("busy") { signal in
            while !signal.isStopping {}
            diary.write("ended")
        }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    await thread.stop()
                    #expect(diary.all == ["ended"])
                }
            }
        }
    }

    @Test func `does not outlive its owner, and lets go of what it held`() async throws {
        final class Held: Sendable {}
        let diary = Diary()
        var held: Held? = Held()
        weak let watched = held
        do {
            let thread = try WorkerThread("owned") { [held] signal in
                while !signal.isStopping {}
                diary.write(held == nil ? "nothing held" : "ended")
            }
            held = nil
            _ = thread
        }
        #expect(diary.all == ["ended"])
        #expect(watched == nil)
    }

    @Test func `may be let go by its own work`() async throws {
        let done = DispatchSemaphore(value: 0)
        let box = Mutex<WorkerThread?>(nil)
        let thread = try WorkerThread("last-holder") { signal in
            while box.withLock({ $0 == nil }) {}
            box.withLock { $0 = nil }
            done.signal()
        }
        box.withLock { $0 = thread }
        _ = consume thread
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                done.wait()
                continuation.resume()
            }
        }
    }
}
