import Core
import HTTPServer
import WebSocket

/// `torghut-sim alpaca`: the simulated broker with all that belongs to it.
enum AlpacaCommand {
    static func run(_ arguments: ArraySlice<String>) async throws {
        let options = try Options(
            arguments,
            valued: [
                "port", "stream-port", "seed", "cash", "key", "secret", "books", "books-limit", "market-pace",
                "symbols", "lean-port", "lean-to", "product", "bars",
            ],
            switches: ["text-frames", "until-eof"])
        let credentials = Credentials(key: options["key"], secret: options["secret"])
        let hub = StreamHub(sendsBinary: !options.has("text-frames"))
        let broker = try broker(options, hub)
        let (updates, market) =
            (UpdateStream(hub: hub, credentials: credentials), MarketStream(hub: hub, credentials: credentials))
        let sockets = try WebSocketServer(
            port: 0, WebSocketSettings(maximumQueuedMessages: 100_000)
        ) { connection in
            if connection.path == "/stream" {
                await updates.serve(connection)
            } else if connection.path.hasPrefix("/v2/") || connection.path.hasPrefix("/v1beta3/crypto/") {
                await market.serve(connection)
            }
        }
        // In front of the streams: what a server of WebSockets cannot do to its own connections.
        let relay = try SocketRelay(
            port: TorghutSim.port(options, "stream-port"), to: "127.0.0.1", sockets.port)
        let front = try front(options)
        let desk = ScenarioDesk(
            ScenarioSources(
                broker: broker, relay: relay, outage: OutageSwitch(), front: front?.front,
                productFile: options["product"]))
        let routes = AlpacaRoutes(broker: broker, credentials: credentials, desk: desk).routes()
        var serving = TorghutSim.settings(port: try TorghutSim.port(options, "port"))
        serving.maximumBodyBytes = 16 << 20
        let server = try HTTPServer(serving) { request in
            let answer = await routes.answer(request)
            // What is told is in the books.
            await broker.settled()
            return answer
        }
        let clock = Task { await LifeClock(broker: broker).run() }
        let symbols = try symbols(options)
        if let file = options["bars"] { try MarketDay.write(to: file, symbols) }
        let walk = try walk(options, broker, symbols)
        let moving = Task { await walk?.run() }
        let ending = Ending(untilInputEnds: options.has("until-eof"))
        let ports = Tree.object(["http": .count(Int(server.port)), "stream": .count(Int(relay.port))])
        Saying.ready(front.map { ports.with(["lean": .count(Int($0.server.port))]) } ?? ports)
        await ending.wait()
        clock.cancel()
        moving.cancel()
        await clock.value
        await moving.value
        await desk.calm()
        await front?.server.stop()
        await server.stop()
        await relay.stop()
        await sockets.stop()
        await broker.settled()
    }

    /// The front before the runner, when it is asked for.
    private static func front(_ options: Options) throws -> (front: LeanFront, server: HTTPServer)? {
        guard options.has("lean-port") else {
            guard !options.has("lean-to") else { throw Options.Problem(what: "--lean-to needs --lean-port") }
            return nil
        }
        let seed = try options.number("seed", or: 1, in: 0...Int.max)
        let front = LeanFront(to: options["lean-to"], seed: UInt64(seed))
        let server = try HTTPServer(TorghutSim.settings(port: TorghutSim.port(options, "lean-port"))) {
            await front.answer($0)
        }
        return (front, server)
    }

    private static func symbols(_ options: Options) throws(Options.Problem) -> [String] {
        guard let symbols = options["symbols"].map({ SimMarket.symbols($0) }) ?? SimMarket.symbols else {
            throw Options.Problem(what: "--symbols are names with commas between, each once")
        }
        return symbols
    }

    private static func walk(
        _ options: Options, _ broker: SimBroker, _ symbols: [String]
    ) throws(Options.Problem) -> MarketWalk? {
        let pace = try options.number("market-pace", or: 0, in: 0...10_000)
        guard pace > 0 else { return nil }
        let seed = try options.number("seed", or: 1, in: 0...Int.max)
        return MarketWalk(broker: broker, symbols: symbols, pace: pace, seed: UInt64(seed))
    }

    private static func broker(_ options: Options, _ hub: StreamHub) throws -> SimBroker {
        let cash = Amount(Int64(try options.number("cash", or: 100_000_000, in: 0...1_000_000_000_000)))
        let seed = UInt64(try options.number("seed", or: 1, in: 0...Int.max))
        guard let folder = options["books"] else { return SimBroker(seed: seed, cash: cash, hub: hub) }
        let limit = try options.number("books-limit", or: 16 << 20, in: 0...1 << 40)
        return try SimBroker(keeping: folder, grownAt: limit, seed: seed, cash: cash, hub: hub)
    }
}
