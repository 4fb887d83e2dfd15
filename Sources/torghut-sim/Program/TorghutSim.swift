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
            --market-pace R            quotes a second that the market moves by, of all symbols; default 0
            --symbols A,B              which; default AAPL,MSFT,NVDA,TSLA,BTC/USD,ETH/USD
            --bars FILE                two days of minutes of these, for backtests, where there is no such file
            --books FOLDER             what it took and told survives its end; seed and cash count at its first start
            --books-limit BYTES        larger books are written anew at the start, without what is past; 16777216
            --lean-port N --lean-to U  a front for lean-runner, where scenarios make LEAN misbehave, and what is behind it
            --product FILE             JSON with the product's "api" and "token", for scenarios that need them
            --text-frames              updates as text, as on live accounts; without it binary, as on paper
            Control below /_sim: settings, outcomes, quotes, trades, bars, orders/ID/fill|cancel|expire|reject,
            assets/SYMBOL, account, lives, books, log, summary, streams, streams/drop,
            streams/fault {"fault": cut | cut_mid_frame | cut_after | half_open | stall | delay | garbage | huge |
            refuse | http_401 | refuse_auth | limit_406 | mute_listen | heal, "times", "bytes", "milliseconds"}
            POST lives {"orders": [...], "seed", "hide_per_mille", "duplicate_per_mille", "late_per_mille",
            "amend_per_mille", "steps_per_second", "width"}: every order lives a random, legal life
            GET books?from=N&limit=N: what really happened, hidden fills included
          trader   a paced stream of plausible decisions, by POST /trading/decisions
            --api URL --token-file F   the product, and a file with a token that may trade
            --per-second R             0.1 to 1000; default 1
            --market URL               a simulated broker, for quotes and positions
            --symbols A,B --seed N --strategy S --account A
            Backs off while the API is away; says how it goes every ten seconds
          scenario NAME   makes a story happen in a simulated broker's process, and says what it does
            NAME: calm, lean-timeouts, lean-lies, broker-outage, stream-cut, canary-breach, kill-drill, poison
            --broker URL               the simulated broker; --runner URL what stands behind its front
            --api URL --token-file F   the product, for kill-drill and canary-breach
            --seconds N                how long it may go on
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
            case "alpaca": try await AlpacaCommand.run(arguments.dropFirst())
            case "scenario": try await ScenarioCommand.run(arguments.dropFirst())
            case "trader": try await TraderCommand.run(arguments.dropFirst())
            case "faults": try await faults(arguments.dropFirst())
            case "lean": try await lean(arguments.dropFirst())
            case "tcp-faults": try await tcpFaults(arguments.dropFirst())
            default: throw Options.Problem(what: "there is no command '\(command)'; see --help")
            }
        } catch let problem as Options.Problem {
            Saying.complaint(problem.what)
            exit(2)
        } catch {
            Saying.complaint("\(error)")
            exit(1)
        }
        exit(0)
    }

    static func port(_ options: Options, _ name: String) throws(Options.Problem) -> UInt16 {
        UInt16(try options.number(name, or: 0, in: 0...65_535))
    }

    private static let serving = HTTPServerSettings(maximumConnections: 1_000, drainLimit: .milliseconds(500))

    static func settings(port: UInt16) -> HTTPServerSettings {
        var settings = serving
        settings.port = port
        return settings
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
        Saying.ready(.object(["tcp": .count(Int(relay.port)), "http": .count(Int(control.port))]))
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
        Saying.ready(.object(["http": .count(Int(proxy.port)), "control": .count(Int(control.port))]))
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
        Saying.ready(.object(["http": .count(Int(server.port))]))
        await ending.wait()
        await server.stop()
    }
}
