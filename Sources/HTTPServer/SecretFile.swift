internal import Glibc

/// Whether a file of secrets is closed to strangers.
public enum SecretFile {
    /// Its owner's alone; or root's, and readable to one group that is ours.
    ///
    /// The second is how Kubernetes mounts a secret for a process that is not root. What its group may write, or anybody
    /// else may read, is open.
    public static func isClosed(mode: UInt32, owner: UInt32, to reader: UInt32? = nil) -> Bool {
        let reader = reader ?? geteuid()
        return mode & 0o077 == 0 || (owner == 0 && reader != 0 && mode & 0o037 == 0)
    }
}
