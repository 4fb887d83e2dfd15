internal import API
internal import Core
internal import Domain

/// `?wait=` of whatever puts an event on the log: whether the read models that were chosen reflect it.
struct Reflection: Sendable {
    static let maximumWait: Int64 = 30

    let reads: ReadDesk
    /// What can be waited for; the first, unless it is said.
    let models: [String]

    init(_ reads: ReadDesk, in models: String...) {
        self.reads = reads
        self.models = models
    }

    var parameters: [Parameter] {
        let wait = Parameter(
            "wait", .integer(0...Self.maximumWait),
            "Wait at most so many seconds until the read models reflect it; 0 does not.")
        guard models.count > 1 else { return [wait] }
        let chosen = Parameter(
            "read_model", .choices(models),
            "Which ones to wait for, between commas; \(models[0]) unless it is said.")
        return [wait, chosen]
    }

    /// False without a wait: then nobody has looked.
    func reached(_ place: RecordPosition?, _ call: Call) async -> Bool {
        guard let place, let seconds = call.integer("wait"), seconds > 0 else { return false }
        let chosen = (models.count > 1 ? call.text("read_model") : nil) ?? models[0]
        let (topic, partition) = (place.source.topic, place.source.partition)
        let isReadByAll = TopicCatalog.all.contains { $0.name == topic && $0.spec.partitions == 1 }
        return await reads.reach(
            ReadDesk.Mark(topic, partition, place.offset, isReadByAll: isReadByAll),
            projections: chosen.split(separator: ",").map(String.init), within: .seconds(seconds))
    }
}
