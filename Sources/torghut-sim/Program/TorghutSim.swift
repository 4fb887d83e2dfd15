import Core
import Glibc
import HTTPClient
import HTTPServer
import WebSocket

/// A simulated broker, a proxy full of faults, and a runner in front of the broker: for tests and drills.
@main
enum TorghutSim {
    static let help = """
        torghut-sim: a simulated broker, for tests and drills. It shares no order code with torghut.

        Usage: torghut-sim COMMAND [OPTIONS]

          alpaca   Alpaca's Trading API v2, its update stream (/stream) and its market data (/v2/iex)
            --port N --stream-port N   ports; 0, the default, takes free ones
            --seed N                   ids and chance; default 1
            --cash N                   money in the account; default 100000000
            --key K --secret S         whom to let in; without them everybody with any key
            --text-frames              updates as text, as on live accounts; without it binary, as on paper
            Control below /_sim: settings, outcomes, quotes, trades, bars, orders/ID/fill|cancel|expire|reject,
            assets/SYMBOL, account, lives, books, log, summary, streams, streams/drop,
            streams/fault {"fault": cut | cut_mid_frame | cut_after | half_open | stall | delay | garbage | huge |
            refuse | http_401 | refuse_auth | limit_406 | mute_listen | heal, "times", "bytes", "milliseconds"}
            POST lives {"orders": [...], "seed", "hide_per_mille", "duplicate_per_mille", "late_per_mille",
            "amend_per_mille", "steps_per_second", "width"}: every order lives a random, legal life
            GET books?from=N&limit=N: what really happened, hidden fills included
          faults   a proxy that loses, delays, cuts, corrupts and repeats what passes it
            --to URL                   what stands behind it
            --port N --control-port N  ports
            --seed N                   chance; default 1
            Control (on its own port): POST /script, /random, /listening; GET /log
          tcp-faults   a relay of bytes that cuts, holds and delays them
            --to HOST:PORT             what stands behind it, an IPv4 address
            --port N --control-port N  ports
            Control: POST /fault {"fault": cut | cut_mid_frame | cut_after | half_open | stall | delay | refuse |
            http_401 | heal, "times", "bytes", "milliseconds"}
          lean     a runner with LEAN's contract in front of a broker
            --to URL                   the broker; --key K --secret S for it
            --port N --seed N
            --token T                  asks for Authorization: Bearer T
            Control below /_sim: script, random, log

        Options of every command
          --until-eof                  ends when standard input does
          --help

        Ports are printed as one line of JSON when all is ready. SIGTERM and SIGINT end it in good order.

        """

    static func main() async {
        signal(SIGPIPE, SIG_IGN)
        let arguments = CommandLine.arguments.dropFirst()
        guard let command = arguments.first, command != "--help", command != "-h", !arguments.contains("--help") else {
            print(help, terminator: "")
            exit(arguments.isEmpty ? 2 : 0)
        }
        do {
            switch command {
            case "alpaca": try await alpaca(arguments.dropFirst())
            case "faults": try await faults(arguments.dropFirst())
            case "lean": try await lean(arguments.dropFirst())
            case "tcp-faults": try await tcpFaults(arguments.dropFirst())
            default: throw Options.Problem(what: "there is no command '\(command)'; see --help")
            }
        } catch let problem as Options.Problem {
            complain(problem.what)
            exit(2)
        } catch {
            complain("\(error)")
            exit(1)
        }
        exit(0)
    }

    private static func complain(_ what: String) {
        let line = Array("torghut-sim: \(what)\n".utf8)
        _ = unsafe write(2, line, line.count)
    }

    /// One line, at once, also into a pipe.
    private static func ready(_ ports: KeyValuePairs<String, Tree?>) {
        let line = Tree.object(ports).bytes + [10]
        _ = unsafe write(1, line, line.count)
    }

    private static func port(_ options: Options, _ name: String) throws(Options.Problem) -> UInt16 {
        UInt16(try options.number(name, or: 0, in: 0...65_535))
    }

    private static let serving = HTTPServerSettings(maximumConnections: 1_000, drainLimit: .milliseconds(500))

    private static func settings(port: UInt16) -> HTTPServerSettings {
        var settings = serving
        settings.port = port
        return settings
    }

    private static func alpaca(_ arguments: ArraySlice<String>) async throws {
        let options = try Options(
            arguments, valued: ["port", "stream-port", "seed", "cash", "key", "secret"],
            switches: ["text-frames", "until-eof"])
        let credentials = Credentials(key: options["key"], secret: options["secret"])
        let hub = StreamHub(sendsBinary: !options.has("text-frames"))
        let cash = try options.number("cash", or: 100_000_000, in: 0...1_000_000_000_000)
        let seed = try options.number("seed", or: 1, in: 0...Int.max)
        let broker = SimBroker(seed: UInt64(seed), cash: Amount(Int64(cash)), hub: hub)
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
        let relay = try SocketRelay(port: port(options, "stream-port"), to: "127.0.0.1", sockets.port)
        let routes = AlpacaRoutes(broker: broker, credentials: credentials, relay: relay).routes()
        var serving = settings(port: try port(options, "port"))
        serving.maximumBodyBytes = 16 << 20
        let server = try HTTPServer(serving, routes: routes)
        let clock = Task { await LifeClock(broker: broker).run() }
        let ending = Ending(untilInputEnds: options.has("until-eof"))
        ready(["http": .count(Int(server.port)), "stream": .count(Int(relay.port))])
        await ending.wait()
        clock.cancel()
        await clock.value
        await server.stop()
        await relay.stop()
        await sockets.stop()
    }

    private static func tcpFaults(_ arguments: ArraySlice<String>) async throws {
        let options = try Options(arguments, valued: ["to", "port", "control-port"], switches: ["until-eof"])
        let target = try options.required("to").split(separator: ":")
        guard target.count == 2, let server = UInt16(target[1]) else {
            throw Options.Problem(what: "--to is an IPv4 address and a port: 127.0.0.1:9092")
        }
        let relay = try SocketRelay(port: port(options, "port"), to: String(target[0]), server)
        var routes = HTTPRoutes()
        routes.on("POST", "/fault") { request, _ in
            guard let fault = Tree(request.body).flatMap(RelayFault.init) else {
                return .text("there is no such fault\n", status: 400)
            }
            relay.fault(fault)
            return .tree(.object([:]))
        }
        let control = try HTTPServer(settings(port: port(options, "control-port")), routes: routes)
        let ending = Ending(untilInputEnds: options.has("until-eof"))
        ready(["tcp": .count(Int(relay.port)), "http": .count(Int(control.port))])
        await ending.wait()
        await control.stop()
        await relay.stop()
    }

    private static func faults(_ arguments: ArraySlice<String>) async throws {
        let options = try Options(
            arguments, valued: ["to", "port", "control-port", "seed"], switches: ["until-eof"])
        let seed = try options.number("seed", or: 1, in: 0...Int.max)
        let proxy = try FaultProxy(
            to: options.required("to"), seed: UInt64(seed), settings(port: port(options, "port")))
        let control = try HTTPServer(settings(port: port(options, "control-port")), routes: proxy.control())
        let ending = Ending(untilInputEnds: options.has("until-eof"))
        ready(["http": .count(Int(proxy.port)), "control": .count(Int(control.port))])
        await ending.wait()
        await control.stop()
        await proxy.stop()
    }

    private static func lean(_ arguments: ArraySlice<String>) async throws {
        let options = try Options(
            arguments, valued: ["to", "port", "seed", "key", "secret", "token"], switches: ["until-eof"])
        let seed = try options.number("seed", or: 1, in: 0...Int.max)
        let broker = LeanBroker(
            address: try options.required("to"), key: options["key"] ?? "sim", secret: options["secret"] ?? "sim")
        let lean = LeanServer(broker: broker, token: options["token"], seed: UInt64(seed))
        let server = try HTTPServer(settings(port: port(options, "port")), routes: lean.routes())
        let ending = Ending(untilInputEnds: options.has("until-eof"))
        ready(["http": .count(Int(server.port))])
        await ending.wait()
        await server.stop()
    }
}
