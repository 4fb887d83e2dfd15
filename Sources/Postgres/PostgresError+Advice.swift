/// What to do next, for whoever reads the error.
extension PostgresError {
    public var advice: String? {
        switch reason {
        case .lost: "open a new session, and read before writing again: what was not answered may stand"
        case .noAnswer: "is the server stopped, or the network cut? The session is given up"
        case .unreachable: "check host and port in TORGHUT_DB_DSN, and that the server runs and listens there"
        case .untrustedChain:
            "set sslrootcert in TORGHUT_DB_DSN to the PEM file of the authority that signed the server's certificate"
        case .otherHost: "connect by the name that the certificate carries, or give the server one for this name"
        case .noAuthorities:
            "set sslrootcert in TORGHUT_DB_DSN to the PEM file of the server's authority "
                + "(for a public one on Debian: /etc/ssl/certs/ca-certificates.crt)"
        case .noTLS: "turn on ssl in the server, or say sslmode=disable in TORGHUT_DB_DSN if the network is trusted"
        case .setting, .limitExceeded, .closed: nil
        case .server: sqlState.flatMap(Self.advice)
        }
    }

    private static func advice(on state: String) -> String? {
        switch state {
        case fencedState: "another owner has taken over; stop writing"
        case "28P01": "check user and password in TORGHUT_DB_DSN"
        case "28000": "check the user in TORGHUT_DB_DSN and the server's pg_hba.conf"
        case "3D000": "create the database, or name another in TORGHUT_DB_DSN"
        case "57P03": "the server is starting or stopping; try again in a moment"
        case "53300": "the server has no free connection; lower our pools or raise its max_connections"
        case "53100": "the server's disk is full; free some room there"
        case "25006": "this server takes no writes (standby, or failing over); connect to the primary"
        case "55P03": "somebody else holds the lock; pg_blocking_pids() names who"
        case "57014": "it was cancelled, or took longer than statement_timeout"
        case "57P01", "57P02": "the server ended this session; open a new one"
        case "25P03": "the transaction was left open too long; open a new session"
        case "42P01", "42703", "42883": "are all migrations applied?"
        default:
            switch state.prefix(2) {
            case "22", "23": "what was sent cannot be stored, and that is our defect: do not repeat it"
            case "40": "another transaction won; run this one again"
            default: nil
            }
        }
    }
}
