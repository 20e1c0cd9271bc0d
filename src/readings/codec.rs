//! Columns of whole numbers in few bytes: differences as variable-length numbers, with runs of zeros counted.

/// Appends seven bits a byte, the lowest first (LEB128).
pub(super) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7F) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub(super) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Small numbers of either sign become small ones without.
pub(super) fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)).cast_unsigned()
}

pub(super) fn unzigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -((value & 1).cast_signed())
}

/// Reads what the functions above wrote; `None` for what they cannot have written.
#[derive(Clone, Copy)]
pub(super) struct Bytes<'a>(pub(super) &'a [u8]);

impl<'a> Bytes<'a> {
    pub(super) fn byte(&mut self) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(first)
    }

    pub(super) fn varint(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    pub(super) fn int(&mut self) -> Option<i64> {
        self.varint().map(unzigzag)
    }

    pub(super) fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    pub(super) fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.varint()?).ok()?;
        self.take(length)
    }

    pub(super) fn double(&mut self) -> Option<f64> {
        Some(f64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }
}

/// What a column's numbers differ from: the one before, or the one before plus the last step.
#[derive(Clone, Copy)]
pub(super) enum Order {
    /// For what wavers: values.
    Delta,
    /// For what advances evenly: times, counters.
    Step,
}

/// Appends a column with its length in bytes before it.
pub(super) fn put_column(out: &mut Vec<u8>, order: Order, values: impl Iterator<Item = i64>) {
    let mut column = Vec::new();
    let (mut last, mut step, mut zeros) = (0i64, 0i64, 0u64);
    for value in values {
        let delta = value.wrapping_sub(last);
        let written = match order {
            Order::Delta => delta,
            Order::Step => delta.wrapping_sub(step),
        };
        (last, step) = (value, delta);
        if written == 0 {
            zeros += 1;
            continue;
        }
        put_zeros(&mut column, &mut zeros);
        put_varint(&mut column, zigzag(written));
    }
    put_zeros(&mut column, &mut zeros);
    put_bytes(out, &column);
}

fn put_zeros(column: &mut Vec<u8>, zeros: &mut u64) {
    if *zeros > 0 {
        column.push(0);
        put_varint(column, *zeros - 1);
        *zeros = 0;
    }
}

/// The numbers of a column, one after the other.
pub(super) struct Column<'a> {
    bytes: Bytes<'a>,
    order: Order,
    last: i64,
    step: i64,
    zeros: u64,
}

impl<'a> Column<'a> {
    /// Takes the next column off `from`.
    pub(super) fn read(from: &mut Bytes<'a>, order: Order) -> Option<Self> {
        Some(Self {
            bytes: Bytes(from.bytes()?),
            order,
            last: 0,
            step: 0,
            zeros: 0,
        })
    }

    pub(super) fn next(&mut self) -> Option<i64> {
        let written = if self.zeros > 0 {
            self.zeros -= 1;
            0
        } else {
            match self.bytes.varint()? {
                0 => {
                    self.zeros = self.bytes.varint()?;
                    0
                }
                written => unzigzag(written),
            }
        };
        let delta = match self.order {
            Order::Delta => written,
            Order::Step => self.step.wrapping_add(written),
        };
        self.step = delta;
        self.last = self.last.wrapping_add(delta);
        Some(self.last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(bytes: &[u8], order: Order, count: usize) -> Option<Vec<i64>> {
        let mut column = Column::read(&mut Bytes(bytes), order)?;
        (0..count).map(|_| column.next()).collect()
    }

    proptest! {
        #[test]
        fn columns_come_back(values in proptest::collection::vec(prop_oneof![any::<i64>(), -3i64..3, Just(0)], 0..200)) {
            for order in [Order::Delta, Order::Step] {
                let mut out = Vec::new();
                put_column(&mut out, order, values.iter().copied());
                prop_assert_eq!(read(&out, order, values.len()), Some(values.clone()));
            }
        }

        #[test]
        fn garbage_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = read(&bytes, Order::Step, 1000);
        }
    }

    #[test]
    fn an_even_column_takes_a_few_bytes() {
        let mut out = Vec::new();
        put_column(
            &mut out,
            Order::Step,
            (0..4000).map(|i| 1_700_000_000_000 + i * 1000),
        );
        assert!(out.len() < 20, "{}", out.len());
    }
}
