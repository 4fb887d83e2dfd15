internal import Core

/// What another process may ask of a journal's holder.
enum ControlRequest: Equatable, Sendable {
    case append(Append, as: WriterToken?)
    case openWriter(String)
    case closeWriter(WriterToken)
    case create([TopicSpec])
    case adjust(TopicSpec)
    case delete(String)
    /// Tells the holder that someone is still there.
    case ping

    var operation: LogError.Operation {
        switch self {
        case .append: .append
        case .openWriter, .closeWriter, .ping: .open
        case .create: .create
        case .adjust: .adjust
        case .delete: .delete
        }
    }

    /// Whether it leaves something durable, so that a lost answer leaves a question.
    var isDurable: Bool {
        switch self {
        case .append, .create, .adjust, .delete: true
        case .openWriter, .closeWriter, .ping: false
        }
    }

    static func == (left: Self, right: Self) -> Bool { left.encode().body == right.encode().body }
}
