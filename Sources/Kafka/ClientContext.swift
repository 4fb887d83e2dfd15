internal import CRdKafka
import Synchronization

/// What librdkafka's callbacks reach: it lives exactly as long as its client.
///
/// Unchecked, and safe: what several threads touch is behind the mutex or never changes; `deliveries` is touched
/// only inside calls into librdkafka made by the one owner of the client, which is when reports are delivered.
@safe final class ClientContext: @unchecked Sendable {
    private struct State {
        var trouble: (code: KafkaErrorCode, text: String)?
        var statistics: String?
    }

    private let state = Mutex(State())
    private let log: (@Sendable (KafkaLogLine) -> Void)?
    private let statistics: (@Sendable (KafkaStatistics) -> Void)?
    let deliveries = Deliveries()

    init(_ settings: KafkaSettings) {
        log = settings.log
        statistics = settings.statistics
    }

    /// The last authentication or TLS failure: calls that waited in vain name it instead of a timeout.
    var trouble: (code: KafkaErrorCode, text: String)? { state.withLock { $0.trouble } }
    var latestStatistics: String? { state.withLock { $0.statistics } }

    func note(_ code: KafkaErrorCode, _ text: String) {
        guard code == .authentication || code == .ssl else { return }
        state.withLock { $0.trouble = (code, text) }
    }

    func take(statistics json: String, of client: String) {
        state.withLock { $0.statistics = json }
        statistics?(KafkaStatistics(client: client, json: json))
    }

    func register(in configuration: borrowing Configuration) {
        let me = unsafe Unmanaged.passUnretained(self).toOpaque()
        let logs = log != nil
        unsafe configuration.withPointer { configuration in
            unsafe rd_kafka_conf_set_opaque(configuration, me)
            unsafe rd_kafka_conf_set_error_cb(configuration) { _, code, text, me in
                let text = unsafe text.map { unsafe String(cString: $0) } ?? ""
                unsafe ClientContext.at(me)?.note(KafkaErrorCode(rawValue: code), text)
            }
            unsafe rd_kafka_conf_set_stats_cb(configuration) { client, json, length, me in
                guard let json = unsafe json else { return 0 }
                let bytes = unsafe UnsafeRawBufferPointer(start: json, count: length)
                let name = unsafe ClientContext.name(of: client)
                unsafe ClientContext.at(me)?.take(statistics: String(decoding: bytes, as: UTF8.self), of: name)
                return 0
            }
            // Registered even when nobody looks: without it each flush waits for a 10 ms tick.
            unsafe rd_kafka_conf_set_dr_msg_cb(configuration) { _, message, me in
                guard let message = unsafe message else { return }
                unsafe ClientContext.at(me)?.deliveries.take(message)
            }
            unsafe rd_kafka_conf_set_log_cb(configuration, logs ? { unsafe ClientContext.write($0, $1, $2, $3) } : nil)
        }
    }

    private static func at(_ opaque: UnsafeMutableRawPointer?) -> ClientContext? {
        unsafe opaque.map { unsafe Unmanaged<ClientContext>.fromOpaque($0).takeUnretainedValue() }
    }

    private static func name(of client: OpaquePointer?) -> String {
        guard let client = unsafe client, let name = unsafe rd_kafka_name(client) else { return "" }
        return unsafe String(cString: name)
    }

    private static func write(
        _ client: OpaquePointer?, _ level: Int32, _ facility: UnsafePointer<CChar>?, _ text: UnsafePointer<CChar>?
    ) {
        guard let client = unsafe client, let context = unsafe at(rd_kafka_opaque(client)) else { return }
        let line = unsafe KafkaLogLine(
            level: Int(level), facility: facility.map { unsafe String(cString: $0) } ?? "", client: name(of: client),
            text: text.map { unsafe String(cString: $0) } ?? "")
        context.log?(line)
    }
}
