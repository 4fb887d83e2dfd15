internal import Core
internal import Domain

/// Words of gates and operators that stories follow from, found for many stories in few readings.
struct GateWords {
    private var wanted: Set<EventID> = []
    private var incidents: Set<String> = []
    private var found: [RecordPosition: StoryRecord] = [:]

    /// Remembers what these records name.
    mutating func want(_ records: [StoryRecord]) {
        for record in records { wanted.formUnion(StoryNames(of: record).named) }
    }

    /// Reads control and canary until nothing that was found names something new.
    mutating func read(from log: any EventLog, _ words: QuarantineWords) async throws {
        guard !wanted.isEmpty else { return }
        let topics: Set<String> = [TopicCatalog.control.name, TopicCatalog.canary.name]
        let sources = try await PartitionScan.partitions(topics, of: log)
        for _ in 0..<StorySearch.maximumPasses {
            let (ids, keys) = (wanted, incidents)
            var decoder = StoryDecoder(words)
            var more: [StoryRecord] = []
            try await PartitionScan(log, sources).run { batch in
                for entry in batch.entries {
                    guard case .record(let record) = decoder.read(entry, of: batch), let event = record.event else {
                        continue
                    }
                    let names = StoryNames(of: event)
                    guard ids.contains(event.envelope.eventID) || !names.incidents.isDisjoint(with: keys) else {
                        continue
                    }
                    more.append(record)
                }
                return true
            }
            for record in more {
                let names = StoryNames(of: record)
                wanted.formUnion(names.named)
                incidents.formUnion(names.incidents)
                found[record.place] = record
            }
            if wanted == ids, incidents == keys { return }
        }
    }

    /// Those that these records follow from, near or far.
    func words(of records: [StoryRecord]) -> [StoryRecord] {
        var (ids, keys): (Set<EventID>, Set<String>) = ([], [])
        for record in records { ids.formUnion(StoryNames(of: record).named) }
        guard !ids.isEmpty else { return [] }
        var words: [RecordPosition: StoryRecord] = [:]
        for _ in 0..<StorySearch.maximumPasses {
            let before = words.count
            for (place, record) in found where words[place] == nil {
                let names = StoryNames(of: record)
                guard
                    record.event.map({ ids.contains($0.envelope.eventID) }) == true
                        || !names.incidents.isDisjoint(with: keys)
                else { continue }
                words[place] = record
                ids.formUnion(names.named)
                keys.formUnion(names.incidents)
            }
            if words.count == before { break }
        }
        return words.values.sorted { $0.place < $1.place }
    }
}
