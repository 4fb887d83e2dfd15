extension Rules {
    /// Names under which a command writes that its user on Kafka may not use: all of them begin alike (`RoleAccess`).
    static func operatorsNames(in sources: [SourceFile]) -> [Offence] {
        let places = ["Sources/torghut/", "Sources/Runtime/Operators/", "Sources/Ingest/FeedPositions/"]
        return sources.filter { source in places.contains { source.path.hasPrefix($0) } }.flatMap { source in
            source.lines.enumerated().compactMap { index, line -> Offence? in
                guard let name = line.firstMatch(of: #/writerName(?: =|:) "([^"]*)"/#)?.output.1 else { return nil }
                guard !name.hasPrefix("torghut.operator.") else { return nil }
                return Offence(path: source.path, line: index + 1, what: "\(name) is no operator's name")
            }
        }
    }
}
