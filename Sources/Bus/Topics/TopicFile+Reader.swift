internal import Core
internal import YAML

extension TopicFile {
    /// A node of a topic file that knows its path, so that each refusal names file, line and field.
    struct Reader {
        let node: YAMLNode
        let file: String
        let path: String

        func failure(_ reason: String, line: Int? = nil, at path: String? = nil) -> TopicFileError {
            let path = path ?? self.path
            return TopicFileError(file: file, line: line ?? node.line, field: path.isEmpty ? nil : path, reason: reason)
        }

        private func path(to key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

        func field(_ key: String) throws(TopicFileError) -> Reader {
            guard node.entries != nil else { throw failure("must be a mapping") }
            guard let value = node.value(of: key) else { throw failure("is missing", at: path(to: key)) }
            return Reader(node: value, file: file, path: path(to: key))
        }

        /// A field nobody reads is a misspelled field.
        func only(_ keys: [String]) throws(TopicFileError) {
            for entry in node.entries ?? [] where !keys.contains(entry.key) {
                throw failure("is not known here", line: entry.line, at: path(to: entry.key))
            }
        }

        func text() throws(TopicFileError) -> String {
            guard let text = node.text, !text.isEmpty else { throw failure("must be a text") }
            return text
        }

        func equals(_ wanted: String) throws(TopicFileError) {
            guard node.text == wanted else { throw failure("must be \(wanted)") }
        }

        func texts() throws(TopicFileError) -> [String: String] {
            guard let entries = node.entries else { throw failure("must be a mapping") }
            var texts: [String: String] = [:]
            for entry in entries { texts[entry.key] = try field(entry.key).text() }
            return texts
        }

        func positive() throws(TopicFileError) -> Int32 {
            guard let number = node.integer.flatMap(Int32.init(exactly:)), number > 0 else {
                throw failure("must be a whole number above 0")
            }
            return number
        }

        /// `nil` for −1, which keeps records forever.
        func retention() throws(TopicFileError) -> Int64? {
            guard let number = node.integer, number == -1 || number > 0 else {
                throw failure("must be -1 (forever) or milliseconds above 0")
            }
            return number == -1 ? nil : number
        }

        func choice<Choice: RawRepresentable<String>>(_: Choice.Type) throws(TopicFileError) -> Choice {
            guard let choice = node.text.flatMap(Choice.init(rawValue:)) else {
                throw failure("'\(node.text ?? "")' is none of the words it may be")
            }
            return choice
        }

        /// A DNS subdomain, which is what Kubernetes asks of a name.
        func resourceName() throws(TopicFileError) -> String {
            let name = try text()
            let labels = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            let valid = labels.allSatisfy { label in
                guard let first = label.first, let last = label.last else { return false }
                return first != UInt8(ascii: "-") && last != UInt8(ascii: "-") && label.allSatisfy(Self.isDNS)
            }
            guard valid, name.utf8.count <= 253 else { throw failure("'\(name)' is no name for a Kubernetes object") }
            return name
        }

        func topicName() throws(TopicFileError) -> String {
            let name = try text()
            let extra = Array("._-".utf8)
            let valid = name.utf8.allSatisfy { Self.isDNS($0) || ($0 >= 0x41 && $0 <= 0x5A) || extra.contains($0) }
            guard valid, name != ".", name != "..", name.utf8.count <= LogLimits.maximumTopicNameBytes else {
                throw failure("'\(name)' is no name for a topic")
            }
            return name
        }

        private static func isDNS(_ byte: UInt8) -> Bool {
            (byte >= 0x61 && byte <= 0x7A) || (byte >= 0x30 && byte <= 0x39) || byte == UInt8(ascii: "-")
        }
    }
}
