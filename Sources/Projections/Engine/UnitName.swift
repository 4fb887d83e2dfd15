/// One partition of one version of a projection: what has a checkpoint, an owner and a root.
public struct UnitName: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let projection: String
    public let version: Int
    public let partition: Int32

    public init(_ projection: String, version: Int, partition: Int32) {
        self.projection = projection
        self.version = version
        self.partition = partition
    }

    public var description: String { "\(projection) v\(version)/\(partition)" }

    public static func < (left: Self, right: Self) -> Bool {
        (left.projection, left.version, left.partition) < (right.projection, right.version, right.partition)
    }
}

/// Names of physical tables: a version is part of the name, so that two versions stand side by side.
enum PhysicalName {
    static func table(_ table: TableName, of projection: String, version: Int) -> String {
        // Every projection has a table of parked records, so that one bears the projection's name too.
        table == ParkedRow.table ? "\(projection)_parked_v\(version)" : "\(table.name)_v\(version)"
    }
}
