public import Core

/// Names under which the log and the group know an account's stream: each account has its own.
public enum StreamNames {
    /// Of the writer whose later opening fences the earlier one.
    public static func writer(of account: AccountLabel) -> String { "torghut.stream.\(account.text)" }

    /// Of the consumer whose position says where the last word of the lease lies.
    static func consumer(of account: AccountLabel) -> String { "torghut.stream.\(account.text)" }

    /// Of the processes of which one is connected; they share a topic of one partition.
    public static func group(of account: AccountLabel) -> String { "torghut-stream-\(account.text)" }
}
