//! Exact `+`, `-`, `×`, negation and sums (spec/04 §2), for values and references alike.

use std::borrow::Cow;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Mul, Neg, Sub};

use crate::Numeric;
use crate::coefficient::Coefficient;

impl Numeric {
    /// Both coefficients at the larger of the two dscales.
    pub(crate) fn aligned<'a>(a: &'a Numeric, b: &'a Numeric) -> (Cow<'a, Coefficient>, Cow<'a, Coefficient>, u16) {
        let dscale = a.dscale.max(b.dscale);
        (a.at_dscale(dscale), b.at_dscale(dscale), dscale)
    }

    /// The coefficient at a dscale not below the value's own.
    fn at_dscale(&self, dscale: u16) -> Cow<'_, Coefficient> {
        if self.dscale == dscale {
            Cow::Borrowed(&self.coefficient)
        } else {
            Cow::Owned(self.coefficient.mul_pow10(u32::from(dscale) - u32::from(self.dscale)))
        }
    }
}

impl Add for &Numeric {
    type Output = Numeric;

    fn add(self, rhs: &Numeric) -> Numeric {
        let (a, b, dscale) = Numeric::aligned(self, rhs);
        Numeric { coefficient: a.add(&b), dscale }
    }
}

impl Sub for &Numeric {
    type Output = Numeric;

    fn sub(self, rhs: &Numeric) -> Numeric {
        if self.dscale == rhs.dscale
            && let Some(coefficient) = self.coefficient.sub_small(&rhs.coefficient)
        {
            return Numeric { coefficient, dscale: self.dscale };
        }
        self + &-rhs
    }
}

impl Mul for &Numeric {
    type Output = Numeric;

    fn mul(self, rhs: &Numeric) -> Numeric {
        let dscale = u32::from(self.dscale).saturating_add(u32::from(rhs.dscale));
        Numeric::limited(self.coefficient.mul(&rhs.coefficient), dscale)
    }
}

impl Neg for &Numeric {
    type Output = Numeric;

    fn neg(self) -> Numeric {
        Numeric { coefficient: self.coefficient.neg(), dscale: self.dscale }
    }
}

impl Neg for Numeric {
    type Output = Numeric;

    fn neg(self) -> Numeric {
        -&self
    }
}

macro_rules! owned_operands {
    ($($operator:ident $method:ident),*) => {$(
        impl $operator for Numeric {
            type Output = Numeric;

            fn $method(self, rhs: Numeric) -> Numeric {
                (&self).$method(&rhs)
            }
        }

        impl $operator<&Numeric> for Numeric {
            type Output = Numeric;

            fn $method(self, rhs: &Numeric) -> Numeric {
                (&self).$method(rhs)
            }
        }

        impl $operator<Numeric> for &Numeric {
            type Output = Numeric;

            fn $method(self, rhs: Numeric) -> Numeric {
                self.$method(&rhs)
            }
        }
    )*};
}

owned_operands!(Add add, Sub sub, Mul mul);

impl AddAssign<&Numeric> for Numeric {
    fn add_assign(&mut self, rhs: &Numeric) {
        if self.dscale == rhs.dscale
            && let (Coefficient::Small(a), Coefficient::Small(b)) = (&self.coefficient, &rhs.coefficient)
            && let Some(sum) = a.get().checked_add(b.get())
        {
            self.coefficient = Coefficient::small(sum);
        } else {
            *self = &*self + rhs;
        }
    }
}

impl AddAssign for Numeric {
    fn add_assign(&mut self, rhs: Numeric) {
        *self += &rhs;
    }
}

impl<'a> Sum<&'a Numeric> for Numeric {
    /// The exact sum, in any order; its dscale is the largest of all (0 for none, where SQL says NULL).
    fn sum<I: Iterator<Item = &'a Numeric>>(summands: I) -> Numeric {
        let mut total = Numeric::ZERO;
        summands.for_each(|summand| total += summand);
        total
    }
}

impl Sum<Numeric> for Numeric {
    /// The exact sum, in any order; its dscale is the largest of all (0 for none, where SQL says NULL).
    fn sum<I: Iterator<Item = Numeric>>(summands: I) -> Numeric {
        let mut total = Numeric::ZERO;
        summands.for_each(|summand| total += &summand);
        total
    }
}
