/// Where a timer stands in the wheel: kept inside the value it belongs to.
@frozen
package struct TimerLink: BitwiseCopyable, Sendable {
    package var next: Int32 = -1
    package var previous: Int32 = -1
    /// -1 when it is not in the wheel.
    package var slot: Int32 = -1
    /// Nanoseconds at which the wheel will look at it.
    package var due: UInt64 = 0

    package init() {}
}

/// A hashed timing wheel of indices into a slab whose values carry a `TimerLink`.
///
/// A deadline that moves later costs nothing: the owner only stamps it, and when the old time comes the owner, asked
/// again, arms anew. Deadlines beyond the wheel's horizon wait in its last slot and are looked at when that comes
/// round.
package struct TimerWheel: ~Copyable {
    /// 4.2 ms: the resolution of every timeout, always rounded up.
    package static let tickBits: UInt64 = 22
    package static let slots = 2048

    /// Nanoseconds that the wheel spans: everything in it is looked at within this time.
    package static let horizon = UInt64(slots) << tickBits

    private let heads: UnsafeMutablePointer<Int32>
    /// One bit per slot that holds anything, to find the next one without a walk.
    private let occupied: UnsafeMutablePointer<UInt64>
    private let tick: UnsafeMutablePointer<UInt64>
    private var currentTick: UInt64 {
        get { tick.pointee }
        nonmutating set { tick.pointee = newValue }
    }

    package init(now: UInt64) {
        heads = .allocate(capacity: TimerWheel.slots)
        heads.initialize(repeating: -1, count: TimerWheel.slots)
        occupied = .allocate(capacity: TimerWheel.slots / 64)
        occupied.initialize(repeating: 0, count: TimerWheel.slots / 64)
        tick = .allocate(capacity: 1)
        tick.initialize(to: now >> TimerWheel.tickBits)
    }

    deinit {
        heads.deallocate()
        occupied.deallocate()
        tick.deallocate()
    }

    /// Makes sure that the timer is looked at no later than `deadline` (rounded up to a tick).
    ///
    /// - Parameter link: finds the link of an index of the same slab.
    package func arm(
        _ index: Int32, deadline: UInt64, link: (Int32) -> UnsafeMutablePointer<TimerLink>
    ) {
        let own = link(index)
        if own.pointee.slot >= 0 {
            if own.pointee.due <= deadline { return }
            disarm(index, link: link)
        }
        let horizon = currentTick &+ UInt64(TimerWheel.slots - 1)
        let wanted = (deadline >> TimerWheel.tickBits) &+ 1
        let tick = min(max(wanted, currentTick &+ 1), horizon)
        let slot = Int32(truncatingIfNeeded: tick & UInt64(TimerWheel.slots - 1))
        own.pointee.slot = slot
        own.pointee.due = tick << TimerWheel.tickBits
        own.pointee.previous = -1
        own.pointee.next = heads[Int(slot)]
        if own.pointee.next >= 0 { link(own.pointee.next).pointee.previous = index }
        heads[Int(slot)] = index
        occupied[Int(slot) >> 6] |= 1 << UInt64(slot & 63)
    }

    package func disarm(_ index: Int32, link: (Int32) -> UnsafeMutablePointer<TimerLink>) {
        let own = link(index)
        let slot = own.pointee.slot
        guard slot >= 0 else { return }
        if own.pointee.previous >= 0 {
            link(own.pointee.previous).pointee.next = own.pointee.next
        } else {
            heads[Int(slot)] = own.pointee.next
            if own.pointee.next < 0 { occupied[Int(slot) >> 6] &= ~(1 << UInt64(slot & 63)) }
        }
        if own.pointee.next >= 0 { link(own.pointee.next).pointee.previous = own.pointee.previous }
        own.pointee = TimerLink()
    }

    /// Moves the wheel to `now` and takes one timer whose time has come out of it; nil when none is left.
    package func takeDue(
        now: UInt64, link: (Int32) -> UnsafeMutablePointer<TimerLink>
    ) -> Int32? {
        let target = now >> TimerWheel.tickBits
        // After a long sleep one turn of the wheel has seen every slot.
        if target > currentTick &+ UInt64(TimerWheel.slots) { currentTick = target &- UInt64(TimerWheel.slots) }
        while true {
            let head = heads[Int(currentTick & UInt64(TimerWheel.slots - 1))]
            if head >= 0 && link(head).pointee.due >> TimerWheel.tickBits <= target {
                disarm(head, link: link)
                return head
            }
            if currentTick >= target { return nil }
            currentTick &+= 1
        }
    }

    /// Milliseconds until a slot with timers comes due; -1 when the wheel is empty.
    package func millisecondsToNext(now: UInt64) -> Int32 {
        let start = Int(currentTick & UInt64(TimerWheel.slots - 1))
        guard let distance = distanceToOccupied(from: start) else { return -1 }
        let due = (currentTick &+ UInt64(distance)) << TimerWheel.tickBits
        return due <= now ? 0 : Int32(truncatingIfNeeded: (due - now + 999_999) / 1_000_000)
    }

    private func distanceToOccupied(from start: Int) -> Int? {
        let words = TimerWheel.slots / 64
        let firstWord = start >> 6
        let inFirst = occupied[firstWord] & (~0 << UInt64(start & 63))
        if inFirst != 0 { return firstWord * 64 + inFirst.trailingZeroBitCount - start }
        for step in 1...words {
            let word = (firstWord + step) % words
            if occupied[word] != 0 {
                let slot = word * 64 + occupied[word].trailingZeroBitCount
                return (slot - start + TimerWheel.slots) % TimerWheel.slots
            }
        }
        return nil
    }
}
