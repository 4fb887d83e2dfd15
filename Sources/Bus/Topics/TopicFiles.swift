internal import Core
internal import FoundationEssentials

/// The folder of topic files.
public enum TopicFiles {
    /// Every topic of `*.yaml` in a folder, sorted by topic; a topic named twice is refused.
    public static func read(folder: String) throws(TopicFileError) -> [TopicFile] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            throw TopicFileError(file: folder, line: 0, field: nil, reason: "cannot be listed: \(error)")
        }
        var topics: [TopicFile] = []
        for name in names.sorted() where name.hasSuffix(".yaml") {
            let file = "\(folder)/\(name)"
            guard let bytes = FileManager.default.contents(atPath: file) else {
                throw TopicFileError(file: file, line: 0, field: nil, reason: "cannot be read")
            }
            for topic in try TopicFile.parse(Array(bytes), file: file) {
                if let twin = topics.first(where: { $0.spec.name == topic.spec.name }) {
                    throw TopicFileError(
                        file: file, line: 1, field: "spec.topicName",
                        reason: "\(topic.spec.name) is in \(twin.file) already")
                }
                topics.append(topic)
            }
        }
        guard !topics.isEmpty else {
            throw TopicFileError(file: folder, line: 0, field: nil, reason: "holds no topic files (*.yaml)")
        }
        return topics.sorted { $0.spec.name < $1.spec.name }
    }
}
