import HTTPClient
import HTTPServer
import Synchronization

/// Passes requests on, and spoils some of them.
final class FaultProxy: Sendable {
    struct Entry: Sendable {
        let method: String
        let target: String
        let fault: String
        var forwards: Int

        var json: Tree {
            .object([
                "method": .string(method), "target": .string(target), "fault": .string(fault),
                "forwards": .count(forwards),
            ])
        }
    }

    private struct State {
        var plan: FaultPlan
        var server: HTTPServer?
        var log: [Entry] = []
    }

    static let maximumEntries = 100_000
    private let target: String
    private let forwarding = Forwarding()
    private let settings: HTTPServerSettings
    private let state: Mutex<State>
    let port: UInt16

    init(to target: String, seed: UInt64, _ settings: HTTPServerSettings) throws {
        self.target = Escaping.base(target)
        state = Mutex(State(plan: FaultPlan(dice: Dice(seed: seed))))
        // The handler is set before the port is known to anyone: no request can come earlier.
        let handler = Handler()
        let server = try HTTPServer(settings) { await handler.answer($0) }
        port = server.port
        var settings = settings
        settings.port = server.port
        self.settings = settings
        handler.proxy.withLock { $0 = WeakProxy(self) }
        state.withLock { $0.server = server }
    }

    private struct WeakProxy: Sendable {
        weak let proxy: FaultProxy?
        init(_ proxy: FaultProxy) { self.proxy = proxy }
    }

    private final class Handler: Sendable {
        let proxy = Mutex<WeakProxy?>(nil)

        func answer(_ request: HTTPServerRequest) async -> HTTPServerResponse {
            let proxy = proxy.withLock { $0?.proxy }
            return await proxy?.answer(request) ?? .hangUp
        }
    }

    func stop() async {
        let server = state.withLock { $0.server.take() }
        await server?.stop()
    }

    /// Whether anybody listens on the port: without, connections are refused.
    func listen(_ listens: Bool) async throws {
        if listens {
            guard state.withLock({ $0.server == nil }) else { return }
            let server = try HTTPServer(settings) { [weak self] in await self?.answer($0) ?? .hangUp }
            state.withLock { $0.server = server }
        } else {
            await stop()
        }
    }

    private func answer(_ request: HTTPServerRequest) async -> HTTPServerResponse {
        let (fault, milliseconds, number) = state.withLock { state in
            let (fault, milliseconds) = state.plan.next(request.method, request.target)
            let entry = Entry(
                method: request.method, target: request.target, fault: fault?.rawValue ?? "none", forwards: 0)
            if state.log.count < Self.maximumEntries { state.log.append(entry) }
            return (fault, milliseconds, state.log.count - 1)
        }
        let wait = Duration.milliseconds(milliseconds)
        guard let fault else { return await forward(request, number) }
        switch fault {
        case .delay:
            guard await slept(wait) else { return .hangUp }
            return await forward(request, number)
        case .refuse:
            Task { await self.refuse(for: wait) }
            return .hangUp
        case .dropBefore: return .hangUp
        case .hangBefore:
            _ = await slept(wait)
            return .hangUp
        case .errorBefore: return Forwarding.badGateway
        case .dropAfter, .hangAfter, .errorAfter:
            _ = await forward(request, number)
            if fault == .hangAfter { _ = await slept(wait) }
            return fault == .errorAfter ? Forwarding.badGateway : .hangUp
        case .duplicate:
            _ = await forward(request, number)
            return await forward(request, number)
        case .truncate, .corrupt, .drip:
            return spoil(await forward(request, number), fault, wait)
        }
    }

    private func slept(_ time: Duration) async -> Bool {
        do { try await Task.sleep(for: time) } catch { return false }
        return true
    }

    private func refuse(for time: Duration) async {
        await stop()
        _ = await slept(time)
        // Somebody may have taken the port meanwhile; then it stays closed, which the log of the tests shows.
        do { try await listen(true) } catch { return }
    }

    private func forward(_ request: HTTPServerRequest, _ number: Int) async -> HTTPServerResponse {
        let response = await forwarding.forward(request, to: target)
        state.withLock { state in
            if state.log.indices.contains(number) { state.log[number].forwards += 1 }
        }
        return response ?? Forwarding.badGateway
    }

    private func spoil(_ response: HTTPServerResponse, _ fault: Fault, _ wait: Duration) -> HTTPServerResponse {
        guard case .bytes(var bytes) = response.body, !bytes.isEmpty else { return .hangUp }
        var response = response
        switch fault {
        case .corrupt:
            state.withLock { state in
                for _ in 0..<3 {
                    let place = Int(state.plan.dice.next() % UInt64(bytes.count))
                    bytes[place] ^= UInt8(1 + state.plan.dice.next() % 255)
                }
            }
            response.body = .bytes(bytes)
        case .truncate:
            let half = Array(bytes.prefix(bytes.count / 2))
            let pieces = Pieces([half], failing: true)
            response.body = .stream(length: bytes.count) { try await pieces.next(after: .zero) }
        default:
            let pieces = Pieces(bytes.map { [$0] }, failing: false)
            response.body = .stream(length: bytes.count) { try await pieces.next(after: wait) }
        }
        return response
    }

    /// The pieces of a body, one at a time.
    private actor Pieces {
        private struct Cut: Error {}
        private var pieces: ArraySlice<[UInt8]>
        private let failing: Bool

        init(_ pieces: [[UInt8]], failing: Bool) {
            self.pieces = pieces[...]
            self.failing = failing
        }

        func next(after wait: Duration) async throws -> [UInt8]? {
            if wait > .zero { try await Task.sleep(for: wait) }
            guard let piece = pieces.popFirst() else {
                if failing { throw Cut() }
                return nil
            }
            return piece
        }
    }
}

extension FaultProxy {
    func control() -> HTTPRoutes {
        var routes = HTTPRoutes()
        routes.on("POST", "/script") { [self] request, _ in
            guard let tree = Tree(request.body) else { return .text("no JSON\n", status: 400) }
            let list = tree.elements.isEmpty ? [tree] : tree.elements
            let faults = list.compactMap(ScriptedFault.init)
            guard faults.count == list.count else { return .text("there is no such fault\n", status: 400) }
            state.withLock { $0.plan.script += faults }
            return .tree(.object([:]))
        }
        routes.on("POST", "/random") { [self] request, _ in
            guard let tree = Tree(request.body) else { return .text("no JSON\n", status: 400) }
            let problem = state.withLock { $0.plan.chance(tree) }
            return problem.map { .text($0 + "\n", status: 400) } ?? .tree(.object([:]))
        }
        routes.on("POST", "/listening") { [self] request, _ in
            guard let listens = Tree(request.body)?["listening"]?.bool else {
                return .text("listening is true or false\n", status: 400)
            }
            do { try await listen(listens) } catch { return .text("\(error)\n", status: 500) }
            return .tree(.object([:]))
        }
        routes.on("GET", "/log") { [self] _, _ in
            .tree(.object(["entries": .array(state.withLock { $0.log.map(\.json) })]))
        }
        return routes
    }
}
