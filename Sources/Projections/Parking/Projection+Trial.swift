internal import Core
internal import Domain
internal import Postgres

extension Projection {
    /// Tries whether a record would be folded now, from the rows as they are.
    ///
    /// Nothing is written; `nil` when it would.
    static func trial(
        of value: [UInt8]?, at place: RecordPosition, version: Int, partition: Int32, with open: OpenSession
    ) throws -> Refusal? {
        switch RecordDecoder.wanting([Self.self]).read(value) {
        case .passed: return nil
        case .refused(let refusal, let type):
            guard let type else { return refusal }
            return wants.contains(type) ? refusal : nil
        case .event(let read):
            guard wants.contains(read.event.content.type) else { return nil }
            if let misplaced = refusal(ofMisplaced: read.event, at: place) { return misplaced }
            var tables = Tables(TableMaker(partition: partition, isWhole: false))
            need(of: read.event, in: &tables)
            var fetch = RowFetch(open)
            let unit = UnitName(name.text, version: version, partition: partition)
            try fetch.fetch { try $0.show(&tables, of: unit) }
            follow(read.event, in: &tables)
            try fetch.fetch { try $0.show(&tables, of: unit) }
            do throws(Refusal) { try fold(read.event, at: place, into: &tables) } catch { return error }
            return nil
        }
    }
}
