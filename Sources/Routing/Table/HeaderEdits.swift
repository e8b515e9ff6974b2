/// One step of changing a head's fields.
package struct HeaderEdit: BitwiseCopyable, Sendable {
    package enum Kind: UInt8, Sendable, BitwiseCopyable {
        /// Fields of the name go; nothing comes in their place.
        case remove
        /// Fields of the name go, and one field with `value` is written.
        case set
        /// One field with `value` is written besides those already there.
        case add
    }

    package var kind: Kind
    var name: TableText
    var value: TableText
}

/// What a rule, or a share of it, changes in a head: all header modifiers that apply (delegating parents', rule's,
/// share's) merged into one list at layout time, so that order no longer matters.
///
/// How to use it: copy the head's fields except those that `drops` names, then write every edit that is not `.remove`.
/// Valid while the table lives.
package struct HeaderEdits {
    private let edits: UnsafeBufferPointer<HeaderEdit>
    private let removedLengths: UInt64
    /// Where the names and values lie.
    private let text: UnsafeBufferPointer<UInt8>

    init(_ range: EditRange, _ table: RouteTable) {
        self.init(
            table.edits.slice(range.start, range.count), range.removedLengths,
            table.text.slice(0, Int32(truncatingIfNeeded: table.text.count)))
    }

    init(_ edits: UnsafeBufferPointer<HeaderEdit>, _ removedLengths: UInt64, _ text: UnsafeBufferPointer<UInt8>) {
        self.edits = edits
        self.removedLengths = removedLengths
        self.text = text
    }

    private func bytes(_ name: TableText) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(text)[Int(name.start)..<Int(name.start + name.length)])
    }

    package var isEmpty: Bool { edits.isEmpty }
    package var count: Int { edits.count }

    package func kind(_ index: Int) -> HeaderEdit.Kind { edits[index].kind }
    /// As the route wrote it.
    package func name(_ index: Int) -> UnsafeRawBufferPointer { bytes(edits[index].name) }
    package func value(_ index: Int) -> UnsafeRawBufferPointer { bytes(edits[index].value) }

    /// Whether fields of this name are left out when the head is copied: in any case, and in every spelling that an
    /// application which turns names into variables takes for the same (`X_User` for `X-User`).
    package func drops(_ name: UnsafeRawBufferPointer) -> Bool {
        guard removedLengths & (1 << UInt64(name.count & 63)) != 0 else { return false }
        for edit in edits where edit.kind != .add && Int(edit.name.length) == name.count {
            let written = bytes(edit.name)
            var isEqual = true
            for index in 0..<name.count where Bytes.spelling(name[index]) != Bytes.spelling(written[index]) {
                isEqual = false
                break
            }
            if isEqual { return true }
        }
        return false
    }
}

extension RouteTable {
    /// Changes to the request's head when `share` (an index of `pickBackend`, -1 for none) of a rule was drawn.
    package func requestEdits(_ rule: Int32, share: Int32) -> HeaderEdits {
        HeaderEdits(
            share < 0 ? rules.pointer(rule).pointee.requestEdits : sharePointer(rule, share).pointee.requestEdits, self)
    }

    /// Changes to the response's head, likewise.
    package func responseEdits(_ rule: Int32, share: Int32) -> HeaderEdits {
        HeaderEdits(
            share < 0 ? rules.pointer(rule).pointee.responseEdits : sharePointer(rule, share).pointee.responseEdits,
            self)
    }
}
