/// The product at work: everything that the house is made of, started by one command, with a broker that is simulated.
enum Up {
    static let command = Command(
        "up", "the whole system at work on this machine, with a simulated broker, and a page to look at",
        details: """
            Starts a journal and a PostgreSQL in the data folder, a simulated broker, LEAN's runner in front of it, \
            every role, the HTTP API with the console, and a trader that sends simulated decisions. Nothing leaves this \
            machine, and a broker that the environment names is set aside.

            On a terminal it shows how things go, redrawn in place; in a pipe it prints a line every few seconds. \
            Ctrl-C ends all of it within five seconds, and everything is kept: the next 'up' goes on from there, also \
            after a kill. --fresh begins anew.

            What runs and where stands in the data folder in up.json, for its owner alone: addresses, a token, the \
            database, process ids. What each part says is in logs/.

            On a log on which nobody has said anything yet, 'up' releases the kill switch and enables the trader's \
            strategies, as events of the actor \(UpOpening.actor). It does so once: a kill stays a kill.
            """,
        options: UpOptions.all,
        answerNo: "with --for: something speaks against it; each reason is named"
    ) { try await UpRun($0).run() }
}
