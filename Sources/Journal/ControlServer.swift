internal import Core
internal import Glibc
internal import Synchronization
internal import Threading

/// Lets other processes append to a journal that this one holds.
///
/// One thread of its own waits for all connections; what it is asked is done by tasks, and it never waits for them.
final class ControlServer: Sendable {
    private let thread: WorkerThread
    private let listener: ControlListener

    /// `owner` is the user who may talk: whoever else comes is refused.
    init(
        _ listener: ControlListener, _ core: JournalCore, owner: uid_t = geteuid()
    ) throws(LogError) {
        self.listener = listener
        let desk: ControlDesk
        do throws(FileError) { desk = try ControlDesk() } catch { throw error.during(.open) }
        do throws(WorkerThread.StartFailure) {
            thread = try WorkerThread("journal-control", wake: { desk.wake.ring() }) { signal in
                ControlLoop(listener, core, desk, owner).run(until: signal)
            }
        } catch { throw LogError(.open, .failed("\(error)")) }
    }

    /// Answers what was asked, within a limit, takes the socket away, and returns when the thread is gone.
    func stop() async {
        listener.remove()
        await thread.stop()
    }
}

/// Where tasks put their answers for the server's thread.
final class ControlDesk: Sendable {
    struct Answer: Sendable {
        let session: UInt64
        let bytes: Int
        let frame: [UInt8]
    }

    let wake: WakePipe
    private let answers = Mutex<[Answer]>([])

    init() throws(FileError) { wake = try WakePipe() }

    func put(_ answer: Answer) {
        let first = answers.withLock { answers in
            answers.append(answer)
            return answers.count == 1
        }
        if first { wake.ring() }
    }

    func take() -> [Answer] {
        answers.withLock { answers in
            defer { answers = [] }
            return answers
        }
    }
}
