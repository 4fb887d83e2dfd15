/// A file for readers outside, as it lies in `schemas/`.
public struct SchemaFile: Sendable, Equatable {
    public let name: String
    public let bytes: [UInt8]

    public init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }

    /// Everything that is derived: one file for each event type and version, and what joins them to topics.
    public static let all: [SchemaFile] =
        EventSchema.all.map { SchemaFile(name: $0.fileName, bytes: $0.document.prettyText) }
        + [SchemaFile(name: AsyncAPI.fileName, bytes: AsyncAPI.document.yamlText)]
}
