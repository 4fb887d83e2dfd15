/// What `--help` prints.
enum HelpText {
    static let text = """
        lean-runner: LEAN's HTTP contract in front of the broker: orders once per key, backtests, shadows.

        Usage: lean-runner [OPTIONS]

          --host ADDRESS         where it listens; 127.0.0.1 (LEAN_RUNNER_HOST)
          --port N               8088; 0 takes a free one (LEAN_RUNNER_PORT)
          --data DIR             its own folder, with the journal of its ledger; .lean-runner (LEAN_RUNNER_DATA_DIR)
          --latch-folder DIR     the product's data folder, whose file KILL stops orders here too (TORGHUT_DATA_DIR)
          --broker-url URL       the broker (APCA_API_BASE_URL); Alpaca's of TRADING_MODE without it
          --token-file FILE      asks for Authorization: Bearer TOKEN (TRADING_LEAN_RUNNER_TOKEN_FILE, or the token
                                 itself in TRADING_LEAN_RUNNER_TOKEN)
          --drain-seconds N      how long a stop waits for open requests; 10 (LEAN_RUNNER_DRAIN_SECONDS)
          --until-eof            ends when standard input does
          --help

        For drills
          --drill-kill-at STEP   the first submit that comes so far kills the program, as kill -9 would:
                                 admitted, received, sending, called or settled

        Environment: APCA_API_KEY_ID, APCA_API_SECRET_KEY, TRADING_MODE, TRADING_KILL_SWITCH_ENABLED,
        TRADING_LEAN_BACKTEST_UPSTREAM_URL, TRADING_LEAN_SHADOW_UPSTREAM_URL,
        TRADING_LEAN_STRATEGY_SHADOW_UPSTREAM_URL, TRADING_LEAN_RUNNER_UPSTREAM_TIMEOUT_SECONDS,
        LEAN_LAUNCHER_COMMAND and more: docs/lean-runner.md.

        Its port is printed as one line of JSON when it answers. SIGTERM and SIGINT end it in good order.
        Exit codes: 0 ended in good order, 1 cannot work, 2 called wrongly.

        """
}
