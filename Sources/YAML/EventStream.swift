internal import CYAML

/// What libyaml reports, as values.
enum YAMLEvent {
    case documentStart
    case documentEnd
    case scalar(String, plain: Bool)
    case sequenceStart
    case sequenceEnd
    case mappingStart
    case mappingEnd
    case end
}

/// Sole owner of a `yaml_parser_t` and of the bytes it reads.
@safe struct EventStream: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let input: UnsafeMutableBufferPointer<UInt8>
    private(set) var line = 1

    init(_ bytes: [UInt8]) {
        unsafe parser = .allocate(capacity: 1)
        unsafe input = .allocate(capacity: bytes.count)
        _ = unsafe input.initialize(from: bytes)
        guard unsafe yaml_parser_initialize(parser) == 1 else { fatalError("libyaml is out of memory") }
        // Safe: the copy lives as long as the parser, which keeps its address.
        unsafe yaml_parser_set_input_string(parser, input.baseAddress, input.count)
        unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    }

    deinit {
        unsafe yaml_parser_delete(parser)
        unsafe parser.deallocate()
        unsafe input.deallocate()
    }

    mutating func next() throws(YAMLError) -> YAMLEvent {
        var event = unsafe yaml_event_t()
        guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw failure() }
        defer { unsafe yaml_event_delete(&event) }
        line = unsafe Int(event.start_mark.line) + 1
        return try unsafe translate(event)
    }

    /// Skips what only matters to libyaml, and refuses what would let a small text stand for a large one.
    private mutating func translate(_ event: yaml_event_t) throws(YAMLError) -> YAMLEvent {
        switch unsafe event.type {
        case YAML_STREAM_START_EVENT: return try next()
        case YAML_DOCUMENT_START_EVENT: return .documentStart
        case YAML_DOCUMENT_END_EVENT: return .documentEnd
        case YAML_SCALAR_EVENT:
            let scalar = unsafe event.data.scalar
            try unsafe refuse(anchor: scalar.anchor, tag: scalar.tag)
            let text = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            return unsafe .scalar(
                String(decoding: text, as: UTF8.self), plain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
        case YAML_SEQUENCE_START_EVENT:
            try unsafe refuse(anchor: event.data.sequence_start.anchor, tag: event.data.sequence_start.tag)
            return .sequenceStart
        case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
        case YAML_MAPPING_START_EVENT:
            try unsafe refuse(anchor: event.data.mapping_start.anchor, tag: event.data.mapping_start.tag)
            return .mappingStart
        case YAML_MAPPING_END_EVENT: return .mappingEnd
        case YAML_ALIAS_EVENT: throw .unsupported("aliases", line: line)
        default: return .end
        }
    }

    private func refuse(
        anchor: UnsafeMutablePointer<yaml_char_t>?, tag: UnsafeMutablePointer<yaml_char_t>?
    ) throws(YAMLError) {
        if unsafe anchor != nil { throw .unsupported("anchors", line: line) }
        if unsafe tag != nil { throw .unsupported("tags", line: line) }
    }

    private func failure() -> YAMLError {
        let problem = unsafe parser.pointee.problem.map { unsafe String(cString: $0) } ?? "libyaml gave no reason"
        guard unsafe parser.pointee.error != YAML_READER_ERROR else {
            // The reader knows a byte offset instead of a mark; the line is counted.
            let before = unsafe Array(input.prefix(Int(parser.pointee.problem_offset)))
            let lines = before.count { $0 == 0x0A }
            let column = before.count - (before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0)
            return .malformed(line: lines + 1, column: column + 1, reason: problem)
        }
        let mark = unsafe parser.pointee.problem_mark
        return .malformed(line: Int(mark.line) + 1, column: Int(mark.column) + 1, reason: problem)
    }
}
