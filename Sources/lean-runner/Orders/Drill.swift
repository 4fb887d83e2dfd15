import Glibc

/// Ends the program where a drill wants it, as kill -9 would: nothing of it runs on.
struct Drill: Sendable {
    let step: SubmitStep?

    func meet(_ step: SubmitStep) {
        guard step == self.step else { return }
        _ = raise(SIGKILL)
    }
}
