internal import Core

/// Words of operators about records that were not read yet.
///
/// Whoever reads control ahead of the records has some for a moment. A word about a record that never comes stays, so
/// their number has a limit.
struct AwaitedWords: Sendable {
    private var words: [RecordPosition: [QuarantineAction]] = [:]
    private(set) var count = 0
    /// Of the values that patches hold.
    private(set) var bytes = 0

    init(_ words: [QuarantineAction] = []) {
        for word in words { add(word) }
    }

    var isEmpty: Bool { count == 0 }

    /// In the order of control.
    var inOrder: [QuarantineAction] { words.values.flatMap { $0 }.sorted { $0.offset < $1.offset } }

    subscript(target: RecordPosition) -> [QuarantineAction] { words[target] ?? [] }

    mutating func add(_ word: QuarantineAction) {
        words[word.target, default: []].append(word)
        count += 1
        bytes += word.byteCount
    }

    mutating func remove(_ target: RecordPosition) {
        guard let removed = words.removeValue(forKey: target) else { return }
        count -= removed.count
        bytes -= removed.reduce(0) { $0 + $1.byteCount }
    }

    mutating func removeAll(where isPassed: (RecordPosition) -> Bool) {
        for target in words.keys where isPassed(target) { remove(target) }
    }
}

extension QuarantineAction {
    fileprivate var byteCount: Int {
        if case .patch(let value) = kind { value.count } else { 0 }
    }
}
