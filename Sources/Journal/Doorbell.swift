internal import Glibc

/// What the writer thread sleeps on: a ring is never lost, and rings while it is awake cost nothing extra.
///
/// `@unchecked Sendable`: a semaphore is made for use from several threads.
@safe final class Doorbell: @unchecked Sendable {
    private let semaphore: UnsafeMutablePointer<sem_t>

    init() {
        unsafe semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
        unsafe sem_init(semaphore, 0, 0)
    }

    deinit {
        unsafe sem_destroy(semaphore)
        unsafe semaphore.deallocate()
    }

    func ring() { unsafe sem_post(semaphore) }

    func wait() {
        while unsafe sem_wait(semaphore) != 0 && errno == EINTR {}
    }
}

/// A thread of its own for a loop that blocks: the shared pool has only as many threads as the machine has cores.
enum DedicatedThread {
    private final class Box {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    static func start(_ body: @escaping @Sendable () -> Void) {
        let box = unsafe Unmanaged.passRetained(Box(body))
        var thread = pthread_t()
        let failed = unsafe pthread_create(&thread, nil, { argument in
            guard let argument = unsafe argument else { return nil }
            // Safe: the box was retained for this thread alone.
            unsafe Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body()
            return nil
        }, box.toOpaque())
        precondition(failed == 0, "the machine has no thread left")
        pthread_detach(thread)
    }
}
