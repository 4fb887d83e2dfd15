public import Core
internal import Domain

/// The log as a pile of records, and every read model computed from it the obvious way.
///
/// All records stay in memory; each table follows from the complete list of its events, found anew whenever it is
/// asked for. It shares words and codecs with the product, and no fold.
public struct NaiveLog: Sendable {
    private var lanes: [TopicPartition: ReadPartition] = [:]

    public init() {}

    /// Takes a record in; those of one partition come in its order.
    public mutating func append(_ record: Record) {
        lanes[record.position.source, default: ReadPartition()].append(record)
    }

    public mutating func append(
        topic: String, partition: Int32, offset: Int64, timestamp: Int64, key: [UInt8]?, value: [UInt8]?
    ) {
        append(
            Record(
                position: RecordPosition(TopicPartition(topic, partition), offset), timestamp: timestamp, key: key,
                value: value, headers: []))
    }

    /// The rows of one table or of one table of parked records, each as the texts that psql shows of its columns.
    public func rows(of table: String) -> [[String: String?]] {
        let models = ReadModel.all.filter { model in
            model.parked.name == table || model.tables.contains { $0.name == table }
        }
        precondition(models.count == 1, "no read model has a table \(table)")
        return models.flatMap { model in
            (0..<model.ownership.spec.partitions).flatMap { partition in
                let read = read([model], of: partition)
                return tables(model, of: partition, read)[table] ?? []
            }
        }
    }
}

extension NaiveLog {
    /// The projections, by name.
    public static var projections: [String] { ReadModel.all.map(\.name) }

    /// What the owners of one partition of these models read.
    func read(_ models: [ReadModel], of partition: Int32) -> [TopicPartition: [ReadRecord]] {
        var decoder = NaiveDecoder()
        var read: [TopicPartition: [ReadRecord]] = [:]
        for source in Set(models.flatMap { $0.sources(of: partition) }) {
            read[source] = lanes[source]?.read(of: source, with: &decoder)
        }
        return read
    }

    /// The rows of one partition of a model, by table.
    func tables(
        _ model: ReadModel, of partition: Int32, _ read: [TopicPartition: [ReadRecord]]
    ) -> [String: [[String: String?]]] {
        let records = model.sources(of: partition).flatMap { read[$0] ?? [] }
        let parking = Parking(model, partition: partition, records: records)
        var tables = model.rows(parking.told, partition)
        tables[model.parked.name] = parking.rows
        return tables.mapValues { rows in
            rows.map { row in
                var row = row
                row.set("log_partition", partition)
                return row.columns
            }
        }
    }
}
