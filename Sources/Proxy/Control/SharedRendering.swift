/// A long answer that is made anew for each who asks, but for all together while many bytes of earlier ones wait to be
/// taken: strangers who ask for it and read nothing cost the memory of a few, however many they are.
struct SharedRendering {
    /// Bytes of such answers that may wait before the last one is given again.
    static let mostWaiting = 4 << 20

    private var last: [UInt8]?

    /// - Parameter waiting: bytes that wait.
    mutating func bytes(waiting: Int, _ render: () -> [UInt8]) -> [UInt8] {
        if waiting > SharedRendering.mostWaiting, let last { return last }
        let fresh = render()
        last = waiting > 0 ? fresh : nil
        return fresh
    }
}
