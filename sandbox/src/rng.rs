//! Reproducible random numbers: a seed and a path of keys give the same value, in any order of the calls.

/// A random number generator at a path of keys. It is cheap to copy and has no state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) fn new(seed: u64) -> Self {
        Self(mix(seed))
    }

    /// The generator at a key below this one.
    pub(crate) fn at(self, key: u64) -> Self {
        Self(mix(self.0 ^ key.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23)))
    }

    /// A value of 64 bits.
    pub(crate) fn value(self) -> u64 {
        mix(self.0 ^ 0x5851_f42d_4c95_7f2d)
    }

    /// A value from 0 up to, and without, `bound`.
    pub(crate) fn below(self, bound: u64) -> u64 {
        // The upper half of a 128-bit product: nearly uniform, and without a division.
        u64::try_from((u128::from(self.value()) * u128::from(bound)) >> 64).unwrap_or_default()
    }

    /// A value from `low` to `high`, both included.
    pub(crate) fn within(self, low: i64, high: i64) -> i64 {
        low.saturating_add_unsigned(self.below(high.abs_diff(low).saturating_add(1)))
    }

    /// True for one in `n` keys.
    pub(crate) fn one_in(self, n: u64) -> bool {
        self.below(n) == 0
    }

    /// One of a list, which must not be empty.
    pub(crate) fn pick<T: Copy>(self, list: &[T]) -> T {
        list[self.below(list.len() as u64) as usize]
    }
}

/// Spreads every bit of a value over all the others (the finalizer of SplitMix64).
const fn mix(mut value: u64) -> u64 {
    value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// A permutation of the 64-bit values. An identifier made with it looks random and can be decoded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IdCipher {
    keys: [u32; 4],
}

impl IdCipher {
    pub(crate) fn new(rng: Rng) -> Self {
        Self { keys: [0, 1, 2, 3].map(|round| (rng.at(round).value() >> 32) as u32) }
    }

    pub(crate) fn encrypt(self, value: u64) -> u64 {
        let (mut left, mut right) = halves(value);
        for key in self.keys {
            (left, right) = (right, left ^ round(right, key));
        }
        join(left, right)
    }

    pub(crate) fn decrypt(self, value: u64) -> u64 {
        let (mut left, mut right) = halves(value);
        for key in self.keys.into_iter().rev() {
            (left, right) = (right ^ round(left, key), left);
        }
        join(left, right)
    }
}

const fn halves(value: u64) -> (u32, u32) {
    ((value >> 32) as u32, value as u32)
}

const fn join(left: u32, right: u32) -> u64 {
    (left as u64) << 32 | right as u64
}

const fn round(half: u32, key: u32) -> u32 {
    (mix((half as u64) << 32 | key as u64) >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_depend_on_seed_and_place_alone() {
        let rng = Rng::new(7);
        assert_eq!(rng.at(1).at(2).value(), Rng::new(7).at(1).at(2).value());
        assert_ne!(rng.at(1).at(2).value(), rng.at(2).at(1).value());
        assert_ne!(rng.value(), Rng::new(8).value());
    }

    #[test]
    fn values_fill_their_range() {
        let mut seen = [0_u32; 10];
        for key in 0..10_000 {
            seen[Rng::new(3).at(key).below(10) as usize] += 1;
        }
        assert!(seen.iter().all(|count| (850..1150).contains(count)), "{seen:?}");
        let drawn: Vec<i64> = (0..200).map(|key| Rng::new(3).at(key).within(-1, 1)).collect();
        assert!([-1, 0, 1].iter().all(|value| drawn.contains(value)) && drawn.iter().all(|value| value.abs() <= 1));
    }

    #[test]
    fn an_encrypted_value_can_be_decrypted() {
        let cipher = IdCipher::new(Rng::new(1));
        for value in [0, 1, u64::MAX, 0x1234_5678_9abc_def0] {
            assert_eq!(cipher.decrypt(cipher.encrypt(value)), value);
        }
        assert_ne!(cipher.encrypt(1), IdCipher::new(Rng::new(2)).encrypt(1));
    }
}
