//! The numbers that stand for handles and tickets: never used twice, and never one for the other.
//!
//! A number is `epoch << 48 | sequence << 1 | kind`. The epoch counts forks along the line of processes. The sequence
//! grows with every handle, or with every ticket, and goes on growing after a fork, so no value ever comes back.

/// What a number stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An open client.
    Handle = 0,
    /// A submitted operation.
    Ticket = 1,
}

const KIND_BITS: u32 = 1;
const EPOCH_SHIFT: u32 = 48;
const SEQUENCE_MASK: u64 = (1 << (EPOCH_SHIFT - KIND_BITS)) - 1;

/// Puts a number together.
pub fn join(kind: Kind, epoch: u16, sequence: u64) -> u64 {
    u64::from(epoch) << EPOCH_SHIFT | (sequence & SEQUENCE_MASK) << KIND_BITS | kind as u64
}

/// The epoch and the sequence number in it; `None` where it is of another kind, or none of ours.
pub fn split(kind: Kind, number: u64) -> Option<(u16, u64)> {
    let sequence = number >> KIND_BITS & SEQUENCE_MASK;
    let epoch = u16::try_from(number >> EPOCH_SHIFT).ok()?;
    let of_this_kind = number & ((1 << KIND_BITS) - 1) == kind as u64;
    (of_this_kind && sequence != 0).then_some((epoch, sequence))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_joined_splits_again(epoch: u16, sequence in 1..=SEQUENCE_MASK, ticket: bool) {
            let (kind, other) =
                if ticket { (Kind::Ticket, Kind::Handle) } else { (Kind::Handle, Kind::Ticket) };
            let number = join(kind, epoch, sequence);
            prop_assert_eq!(split(kind, number), Some((epoch, sequence)));
            prop_assert_eq!(split(other, number), None);
        }

        #[test]
        fn what_splits_was_joined(number: u64) {
            for kind in [Kind::Handle, Kind::Ticket] {
                if let Some((epoch, sequence)) = split(kind, number) {
                    prop_assert_eq!(join(kind, epoch, sequence), number);
                }
            }
        }
    }
}
