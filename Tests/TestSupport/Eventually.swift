/// Looks again and again at what the world outside does in its own time; an end of the wait is a failure that says why.
public func eventually(
    _ what: String, within limit: Duration = .seconds(50), every pause: Duration = .milliseconds(20),
    or why: () -> String = { "" }, _ holds: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !holds() {
        guard ContinuousClock.now < deadline else { throw NeverCame("\(what) did not come within \(limit) \(why())") }
        try await Task.sleep(for: pause)
    }
}
