public import Domain

/// Takes in what the broker says: each part of that work runs beside the others, and takes turns of its own.
public struct IngestRole: Role {
    public static let name = RoleName.ingest

    let house: House
    let parts: [any IngestPart]

    public init(_ house: House) throws(SettingsProblems) {
        self.house = house
        if case .archive = house.settings.log {
            throw SettingsProblems(problems: [
                "an archive cannot be followed; name a journal or Kafka (TORGHUT_LOG)"
            ])
        }
        var parts: [any IngestPart] = []
        let feed = try OrderFeedSettings(house.settings, process: house.process)
        if let foreign = feed.foreign, feed.isEnabled { parts.append(ImportPart(house, foreign, feed.firstStart)) }
        if feed.isEnabled { parts.append(FeedPart(house, feed)) }
        if let stream = try StreamPart(house) { parts.append(stream) }
        if let reconciler = try ReconcilePart(house) { parts.append(reconciler) }
        parts += try QuotesPart.parts(house)
        self.parts = parts
    }

    public func start() async throws {
        for part in parts { house.board.set(Self.name, part: part.name, .leaderStarting) }
        try FolderMaking.make(house.settings.dataFolder)
    }

    public func prepare() async throws {
        try await house.patiently(for: Self.name) { try await house.makeTopics() }
    }

    /// The first part that cannot go on ends the others.
    public func run() async throws {
        guard !parts.isEmpty else {
            house.board.set(Self.name, .disabled, "no part of it is enabled")
            while !Task.isCancelled { try await Task.sleep(for: .seconds(3600)) }
            return
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for part in parts { group.addTask { try await take(part) } }
            for try await _ in group {}
        }
    }

    private func take(_ part: any IngestPart) async throws {
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await part.run()) } catch { outcome = .failure(error) }
        house.board.set(Self.name, part: part.name, .leaderNotStarted, "ended")
        try outcome.get()
    }
}

/// Work of the role `ingest` that begins and ends with it.
protocol IngestPart: Sendable {
    /// What it is called on the board of roles.
    var name: String { get }
    /// Works until its task is cancelled; throws when it cannot go on.
    func run() async throws
}
