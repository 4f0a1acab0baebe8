//! Equality, order and hash of the value; the dscale does not take part (spec/04 §1).

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use num_traits::Signed;

use crate::Numeric;
use crate::coefficient::{Coefficient, Remainder};

impl Ord for Numeric {
    fn cmp(&self, rhs: &Numeric) -> Ordering {
        if self.dscale == rhs.dscale {
            return self.coefficient.cmp(&rhs.coefficient);
        }
        let (a, b, _) = Numeric::aligned(self, rhs);
        a.as_ref().cmp(b.as_ref())
    }
}

impl PartialOrd for Numeric {
    fn partial_cmp(&self, rhs: &Numeric) -> Option<Ordering> {
        Some(self.cmp(rhs))
    }
}

impl PartialEq for Numeric {
    fn eq(&self, rhs: &Numeric) -> bool {
        self.cmp(rhs) == Ordering::Equal
    }
}

impl Eq for Numeric {}

impl Hash for Numeric {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let (coefficient, dscale) = self.without_trailing_zeros();
        dscale.hash(state);
        match &coefficient {
            Coefficient::Small(c) => c.get().hash(state),
            Coefficient::Wide { negative, magnitude } => {
                negative.hash(state);
                magnitude.as_limbs().hash(state);
            }
            Coefficient::Big(c) => {
                c.is_negative().hash(state);
                c.magnitude().to_u64_digits().hash(state);
            }
        }
    }
}

impl Numeric {
    /// The same value with the smallest dscale: equal values give equal pairs.
    fn without_trailing_zeros(&self) -> (Coefficient, u16) {
        if self.is_zero() {
            return (Coefficient::ZERO, 0);
        }
        let (mut coefficient, mut dscale) = (self.coefficient.clone(), self.dscale);
        let mut step = dscale.next_power_of_two();
        while step > 0 && dscale > 0 {
            if step <= dscale
                && let (quotient, Remainder::Zero) = coefficient.div_pow10(u32::from(step))
            {
                coefficient = quotient;
                dscale -= step;
            } else {
                step /= 2;
            }
        }
        (coefficient, dscale)
    }
}
