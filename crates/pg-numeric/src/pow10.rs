//! Powers of ten in every width the fast paths use, computed at compile time.

use num_bigint::BigInt;
use ruint::Uint;
use ruint::aliases::{U256, U512};

/// 10^0 … 10^38: every power of ten below 2^127.
pub(crate) const U128: [u128; 39] = small();
/// 10^0 … 10^77: every power of ten below 2^256.
pub(crate) static WIDE: [U256; 78] = powers();
/// 10^0 … 10^154: every power of ten below 2^512.
pub(crate) static DOUBLE: [U512; 155] = powers();

/// 10^n, any n.
pub(crate) fn big(n: u32) -> BigInt {
    BigInt::from(10).pow(n)
}

const fn small() -> [u128; 39] {
    let mut table = [1; 39];
    let mut n = 1;
    while n < table.len() {
        table[n] = table[n - 1] * 10;
        n += 1;
    }
    table
}

const fn powers<const BITS: usize, const LIMBS: usize, const N: usize>() -> [Uint<BITS, LIMBS>; N] {
    let mut table = [Uint::<BITS, LIMBS>::ONE; N];
    let mut limbs = [0_u64; LIMBS];
    limbs[0] = 1;
    let mut n = 1;
    while n < N {
        let mut carry = 0;
        let mut i = 0;
        while i < LIMBS {
            let wide = limbs[i] as u128 * 10 + carry;
            limbs[i] = wide as u64; // the low half, the high half is the carry
            carry = wide >> 64;
            i += 1;
        }
        assert!(carry == 0, "the table is longer than the type is wide");
        table[n] = Uint::from_limbs(limbs);
        n += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_hold_powers_of_ten_up_to_their_width() {
        let powers = || (0..).map(|n| big(n).to_string());
        assert!(U128.iter().map(ToString::to_string).eq(powers().take(39)));
        assert!(WIDE.iter().map(ToString::to_string).eq(powers().take(78)));
        assert!(DOUBLE.iter().map(ToString::to_string).eq(powers().take(155)));
        assert!(big(39).bits() > 127 && big(78).bits() > 256 && big(155).bits() > 512);
    }
}
