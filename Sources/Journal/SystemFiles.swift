internal import CFileCalls
package import Core
internal import Glibc

/// The machine's own file system.
package struct SystemFiles: FileLayer {
    package init() {}

    package func open(_ path: String, _ mode: FileMode) throws(FileError) -> Int32 {
        let file =
            switch mode {
            case .read: unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
            case .write: unsafe Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
            }
        guard file >= 0 else { throw FileError("open", path, errno) }
        return file
    }

    package func close(_ file: Int32) { _ = Glibc.close(file) }

    package func size(of file: Int32) throws(FileError) -> Int {
        var status = stat()
        guard unsafe fstat(file, &status) == 0 else { throw FileError("fstat", "descriptor \(file)", errno) }
        return Int(status.st_size)
    }

    package func read(
        _ file: Int32, at offset: Int, into block: Block, _ place: Int, count: Int
    ) throws(FileError) -> Int {
        var done = 0
        while done < count {
            let got = unsafe block.withAddress(of: place + done..<place + count) {
                unsafe pread(file, $0, count - done, off_t(offset + done))
            }
            if got < 0 && errno == EINTR { continue }
            guard got >= 0 else { throw FileError("pread", "descriptor \(file)", errno) }
            if got == 0 { break }
            done += got
        }
        return done
    }

    package func readCached(
        _ file: Int32, at offset: Int, into block: Block, _ place: Int, count: Int
    ) throws(FileError) -> Int? {
        let got = unsafe block.withAddress(of: place..<place + count) {
            unsafe torghut_read_cached(file, $0, count, off_t(offset))
        }
        // File systems that cannot say are asked again by the reader that may wait; so are errors, which it reports.
        return got < 0 ? nil : got
    }

    package func write(_ file: Int32, at offset: Int, _ block: Block, _ range: Range<Int>) throws(FileError) {
        var done = 0
        while done < range.count {
            let put = unsafe block.withAddress(of: range.lowerBound + done..<range.upperBound) {
                unsafe pwrite(file, $0, range.count - done, off_t(offset + done))
            }
            if put < 0 && errno == EINTR { continue }
            guard put >= 0 else { throw FileError("pwrite", "descriptor \(file)", errno) }
            done += put
        }
    }

    package func sync(_ file: Int32) throws(FileError) {
        guard fdatasync(file) == 0 else { throw FileError("fdatasync", "descriptor \(file)", errno) }
    }

    package func truncate(_ file: Int32, to size: Int) throws(FileError) {
        guard ftruncate(file, off_t(size)) == 0 else { throw FileError("ftruncate", "descriptor \(file)", errno) }
    }

    package func rename(_ path: String, to other: String) throws(FileError) {
        guard unsafe Glibc.rename(path, other) == 0 else { throw FileError("rename", path, errno) }
    }

    package func remove(_ path: String) throws(FileError) {
        guard unsafe unlink(path) == 0 || errno == ENOENT else { throw FileError("unlink", path, errno) }
    }

    package func list(_ folder: String) throws(FileError) -> [String] {
        guard let listing = unsafe opendir(folder) else { throw FileError("opendir", folder, errno) }
        defer { unsafe closedir(listing) }
        var names: [String] = []
        while let entry = unsafe readdir(listing) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
                unsafe String(cString: UnsafeRawPointer(field).assumingMemoryBound(to: CChar.self))
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    package func makeFolder(_ path: String) throws(FileError) {
        guard unsafe mkdir(path, 0o755) == 0 || errno == EEXIST else { throw FileError("mkdir", path, errno) }
    }

    package func syncFolder(_ path: String) throws(FileError) {
        let folder = unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw FileError("open", path, errno) }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw FileError("fsync", path, errno) }
    }

    package func lock(_ path: String, note: [UInt8]) throws(LogError) -> Int32 {
        do throws(FileError) {
            let file = try open(path, .write)
            guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
                let block = Block(capacity: FolderLock.largestNote)
                let got = (try? read(file, at: 0, into: block, 0, count: FolderLock.largestNote)) ?? 0
                close(file)
                throw FileError("flock", FolderLock.holder(in: block.bytes(0..<got)), EWOULDBLOCK)
            }
            do throws(FileError) {
                try truncate(file, to: 0)
                try write(file, at: 0, Block(note), 0..<note.count)
            } catch {
                // Kept open it would keep the lock too, against ourselves.
                close(file)
                throw error
            }
            return file
        } catch {
            if error.code == EWOULDBLOCK { throw LogError(.open, .locked(holder: error.path)) }
            throw error.during(.open)
        }
    }

    package func isLocked(_ path: String) -> Bool {
        let file = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        guard flock(file, LOCK_SH | LOCK_NB) == 0 else { return true }
        _ = flock(file, LOCK_UN)
        return false
    }
}
