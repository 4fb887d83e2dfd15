internal import Domain

extension Projection {
    /// The unit of one partition, whatever type its tables have.
    static func unit(
        of partition: Int32, version: Int, _ decoder: RecordDecoder, _ limits: ProjectionLimits, isWhole: Bool
    ) -> any FoldingUnit {
        Unit(Self.self, version: version, partition: partition, decoder: decoder, limits: limits, isWhole: isWhole)
    }
}

extension RecordDecoder {
    /// Reads what any of these projections wants, and the words of operators.
    static func wanting(_ projections: [any Projection.Type]) -> RecordDecoder {
        var wanted = Set<EventType>()
        for projection in projections { wanted.formUnion(projection.wants) }
        for type in EventType.allCases where type.isQuarantineWord { wanted.insert(type) }
        return RecordDecoder(wanting: wanted)
    }
}

extension EventType {
    var isQuarantineWord: Bool {
        self == .control(.quarantineReleased) || self == .control(.quarantineSkipped)
            || self == .control(.quarantinePatched)
    }
}
