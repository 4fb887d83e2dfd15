import Core
import Foundation
import HTTPServer
import Synchronization
import WebSocket

/// A small broker that says what a test tells it to: its stream and its lists share nothing with the simulator, so that
/// every answer can be a wrong one.
final class ScriptedBroker: Sendable {
    struct Script: Sendable {
        var isBinary = true
        /// How it answers to `auth` and `listen`; nothing means silence.
        var authorization: String? =
            #"{"stream":"authorization","data":{"status":"authorized","action":"authenticate"}}"#
        var listening: String? = #"{"stream":"listening","data":{"streams":["trade_updates"]}}"#
        /// Orders of the lists, oldest first, and executions.
        var orders: [Order] = []
        var activities: [Activity] = []
        /// Statuses that the next questions are answered with.
        var failures: [Int] = []
        var pageSize = 500
        /// Whether it has an answer for the lists at all.
        var answersLists = true
        /// What the questions for these orders alone are answered with.
        var refusals: [String: Int] = [:]
        /// What its clock shows; nothing when it has none.
        var clock: Timestamp?
        /// So many questions for executions are answered as if there were none.
        var lateExecutions = 0
    }

    struct Order: Sendable {
        var id: String
        var client = "c-1"
        var symbol = "AAPL"
        var status: String
        var submitted: Timestamp
        var updated: Timestamp?
        var filled = "0"
        /// Instead of what it would say.
        var raw: String?

        var json: String {
            raw ?? #"{"id":"\#(id)","client_order_id":"\#(client)","#
                + #""symbol":"\#(symbol)","status":"\#(status)","qty":"10","#
                + #""filled_qty":"\#(filled)","side":"buy","type":"market","time_in_force":"day","#
                + #""submitted_at":"\#(submitted)","updated_at":"\#(updated ?? submitted)"}"#
        }
    }

    struct Activity: Sendable {
        var execution: String
        var order: String
        var time: Timestamp
        var qty = "1"
        var symbol = "AAPL"
        var status = "partially_filled"
        /// Instead of what it would say.
        var raw: String?

        var id: String { "20260211153000000::\(execution)" }
        var json: String {
            raw ?? #"{"id":"\#(id)","activity_type":"FILL","transaction_time":"\#(time)","type":"partial_fill","#
                + #""price":"190.5","qty":"\#(qty)","side":"buy","symbol":"\#(symbol)","leaves_qty":"1","#
                + #""cum_qty":"\#(qty)","order_id":"\#(order)","order_status":"\#(status)"}"#
        }
    }

    private struct State: Sendable {
        var script = Script()
        var sockets: [Int: WebSocketConnection] = [:]
        var connections = 0
        var heard: [String] = []
        var questions: [String] = []
    }

    private let state: Mutex<State>
    private let stream: WebSocketServer
    private let lists: HTTPServer

    init(_ script: Script = Script()) throws {
        let box = Box()
        stream = try WebSocketServer(WebSocketSettings(maximumMessageBytes: 1 << 20)) { socket in
            await box.broker?.serve(socket)
        }
        lists = try HTTPServer(HTTPServerSettings()) { request in box.broker?.answer(request) ?? .hangUp }
        state = Mutex(State(script: script))
        box.take(self)
    }

    private final class Box: Sendable {
        private struct Held: Sendable { weak let broker: ScriptedBroker? }
        private let held = Mutex<Held?>(nil)
        var broker: ScriptedBroker? { held.withLock { $0?.broker } }
        func take(_ broker: ScriptedBroker) { held.withLock { $0 = Held(broker: broker) } }
    }

    var streamPort: Int { Int(stream.port) }
    var address: String { "http://127.0.0.1:\(lists.port)" }
    func change(_ body: (inout Script) -> Void) { state.withLock { body(&$0.script) } }
    /// How many connections there were, and how many listen now.
    var connections: Int { state.withLock { $0.connections } }
    var listeners: Int { state.withLock { $0.sockets.count } }
    /// What clients said on the stream, and what they asked the lists.
    var heard: [String] { state.withLock { $0.heard } }
    var questions: [String] { state.withLock { $0.questions } }

    func stop() async {
        await stream.stop()
        await lists.stop()
    }

    /// Says this to everybody who listens.
    func say(_ text: String) {
        let (sockets, isBinary) = state.withLock { (Array($0.sockets.values), $0.script.isBinary) }
        for socket in sockets { tell(text, socket, isBinary) }
    }

    func drop() { for socket in state.withLock({ Array($0.sockets.values) }) { socket.drop() } }

    private func tell(_ text: String, _ socket: WebSocketConnection, _ isBinary: Bool) {
        do { try socket.send(isBinary ? .binary(Array(text.utf8)) : .text(text)) } catch { socket.drop() }
    }

    private func serve(_ socket: WebSocketConnection) async {
        let number = state.withLock { state in
            state.connections += 1
            return state.connections
        }
        defer { state.withLock { $0.sockets[number] = nil } }
        do {
            while let message = try await socket.receive() {
                let text = String(decoding: message.bytes, as: UTF8.self)
                let script = state.withLock { state in
                    state.heard.append(text)
                    return state.script
                }
                if text.contains(#""auth""#), let answer = script.authorization {
                    tell(answer, socket, script.isBinary)
                }
                if text.contains(#""listen""#), let answer = script.listening {
                    // Before the answer: who hears it may be spoken to.
                    state.withLock { $0.sockets[number] = socket }
                    tell(answer, socket, script.isBinary)
                }
            }
        } catch { socket.drop() }
    }

    private func answer(_ request: HTTPServerRequest) -> HTTPServerResponse {
        state.withLock { state in
            state.questions.append(request.target)
            guard state.script.answersLists else { return .hangUp }
            if !state.script.failures.isEmpty {
                let status = state.script.failures.removeFirst()
                return HTTPServerResponse(
                    status: status, headers: [("Content-Type", "application/json"), ("Retry-After", "0")],
                    body: .bytes(Array(#"{"code":1,"message":"the test says so"}"#.utf8)))
            }
            let script = state.script
            if request.path.last == "FILL" {
                state.script.lateExecutions -= 1
                return script.lateExecutions > 0 ? .json(Array("[]".utf8)) : Self.fills(request, script)
            }
            if request.path.last == "clock", let clock = script.clock {
                let text =
                    #"{"timestamp":"\#(clock)","is_open":true,"next_open":"\#(clock)","next_close":"\#(clock)"}"#
                return .json(Array(text.utf8))
            }
            if let status = request.path.last.flatMap({ script.refusals[$0] }) {
                return .json(Array(#"{"code":1,"message":"the test says so"}"#.utf8), status: status)
            }
            if request.path.count == 3, let order = script.orders.first(where: { $0.id == request.path[2] }) {
                return .json(Array(order.json.utf8))
            }
            guard request.path == ["v2", "orders"] else {
                return .json(Array(#"{"code":40410000,"message":"order not found"}"#.utf8), status: 404)
            }
            return Self.orders(request, script)
        }
    }

    private static func orders(_ request: HTTPServerRequest, _ script: Script) -> HTTPServerResponse {
        let ended: Set<String> = ["filled", "canceled", "expired", "rejected", "replaced"]
        let after = request.query("after").flatMap { try? Timestamp($0) } ?? .epoch
        let found = script.orders.filter { order in
            order.submitted > after && (request.query("status") != "open" || !ended.contains(order.status))
        }
        let page = found.prefix(min(script.pageSize, Int(request.query("limit") ?? "") ?? 50))
        return .json(Array("[\(page.map(\.json).joined(separator: ","))]".utf8))
    }

    private static func fills(_ request: HTTPServerRequest, _ script: Script) -> HTTPServerResponse {
        let after = request.query("after").flatMap { try? Timestamp($0) } ?? .epoch
        var found = script.activities.filter { $0.time > after }
        if let token = request.query("page_token"), let place = found.firstIndex(where: { $0.id == token }) {
            found.removeFirst(place + 1)
        }
        let page = found.prefix(min(script.pageSize, Int(request.query("page_size") ?? "") ?? 100))
        return .json(Array("[\(page.map(\.json).joined(separator: ","))]".utf8))
    }
}
