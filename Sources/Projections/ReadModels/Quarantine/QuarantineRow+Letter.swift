internal import Core
internal import Domain

extension QuarantineRow {
    /// Why a record was parked, and its bytes.
    struct Letter: Sendable, Equatable {
        var reason: ParkReason
        var eventType: Code?
        var eventVersion: Int64?
        var path: Code?
        var detail: Prose
        var value: Octets?
        var bytes: Int64
        var isTruncated: Bool
        var hash: ContentHash
        var time: Moment?
        var headers: CompactJSON?

        init(_ parked: RecordParked) {
            reason = parked.parkReason
            eventType = parked.eventType
            eventVersion = parked.eventVersion
            path = parked.errorPath
            detail = parked.detail
            value = parked.recordValue
            bytes = parked.recordBytes
            isTruncated = parked.recordTruncated
            hash = parked.recordSHA256
            time = parked.recordTimestamp.map(Moment.init)
            headers = parked.headersJSON
        }

        private init(_ reason: ParkReason, _ detail: Prose, _ bytes: Int64, _ isTruncated: Bool, _ hash: ContentHash) {
            self.reason = reason
            self.detail = detail
            self.bytes = bytes
            self.isTruncated = isTruncated
            self.hash = hash
        }

        static func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
            _ letter: inout Letter?, _ columns: inout Walker
        ) throws(Walker.Failure) {
            var (reason, type, version) = (letter?.reason, letter?.eventType, letter?.eventVersion)
            var (path, detail, value) = (letter?.path, letter?.detail, letter?.value)
            var (bytes, isTruncated, hash) = (letter?.bytes, letter?.isTruncated, letter?.hash)
            var (time, headers) = (letter?.time, letter?.headers)
            try columns.text("park_reason", &reason, "Why it was parked.")
            try columns.text("event_type", &type, "Its type, if that could be read.")
            try columns.column("event_version", &version, "Its version, if that could be read.")
            try columns.text("error_path", &path, "The field that is wrong.")
            try columns.text("detail", &detail, "What is wrong with it.")
            try columns.column("record_value", &value, "Its bytes.")
            try columns.column("record_bytes", &bytes, ColumnNote("How many it has.", unit: "bytes"))
            try columns.column("record_truncated", &isTruncated, "Whether only the first of them are kept.")
            try columns.text("record_sha256", &hash, "What all of them hash to.")
            try columns.column("record_timestamp", &time, "The record's own time.")
            try columns.column("headers_json", &headers, "Its headers.")
            guard let reason, let detail, let bytes, let isTruncated, let hash else { return }
            var read = Letter(reason, detail, bytes, isTruncated, hash)
            (read.eventType, read.eventVersion, read.path) = (type, version, path)
            (read.value, read.time, read.headers) = (value, time, headers)
            letter = read
        }
    }
}
