//! Numbers of definitions: binary floating point of up to 512 bits, as go-cty has them.

use std::cmp::Ordering;

use num_bigint::{BigInt, BigUint, Sign};

use super::decimal::Decimal;

/// The precision of a number that is written in a definition, in bits.
pub(crate) const PRECISION: u32 = 512;
/// The largest power of ten that a number may be written with.
const MAX_EXPONENT: i64 = 4096;

/// A number: infinite, or an integer times a power of two.
#[derive(Debug, Clone)]
pub(crate) struct Number {
    pub(super) negative: bool,
    /// `None` is infinity.
    pub(super) magnitude: Option<(BigUint, i64)>,
    /// Bits of precision.
    pub(super) precision: u32,
}

impl Number {
    pub(crate) fn int(value: i64) -> Self {
        Self::finite(value < 0, BigUint::from(value.unsigned_abs()), 0, 64)
    }

    /// From an integer of any size, with the precision that it needs, at least 64 bits.
    pub(crate) fn big(value: &BigInt) -> Self {
        let bits = u32::try_from(value.bits()).unwrap_or(u32::MAX).max(64);
        Self::finite(value.sign() == Sign::Minus, value.magnitude().clone(), 0, bits)
    }

    /// From a double; `None` where it is no number.
    pub(crate) fn float(value: f64) -> Option<Self> {
        if value.is_nan() {
            return None;
        }
        if value.is_infinite() {
            return Some(Self::infinity(value < 0.0));
        }
        let bits = value.to_bits();
        let exponent = i64::try_from((bits >> 52) & 0x7ff).unwrap_or(0);
        let fraction = bits & ((1 << 52) - 1);
        let (mantissa, exponent) =
            if exponent == 0 { (fraction, -1074) } else { (fraction | 1 << 52, exponent - 1075) };
        Some(Self::finite(value.is_sign_negative(), BigUint::from(mantissa), exponent, 53))
    }

    pub(crate) fn infinity(negative: bool) -> Self {
        Self { negative, magnitude: None, precision: 53 }
    }

    pub(crate) fn finite(negative: bool, mantissa: BigUint, exponent: i64, precision: u32) -> Self {
        let mut mantissa = mantissa;
        let mut exponent = exponent;
        let bits = mantissa.bits();
        if bits > u64::from(precision) {
            let drop = bits - u64::from(precision);
            let up = mantissa.bit(drop - 1)
                && (mantissa.trailing_zeros().is_some_and(|zeros| zeros < drop - 1) || mantissa.bit(drop));
            mantissa >>= drop;
            if up {
                mantissa += 1u32;
            }
            exponent += i64::try_from(drop).unwrap_or(0);
        }
        match mantissa.trailing_zeros() {
            None => exponent = 0,
            Some(zeros) => {
                mantissa >>= zeros;
                exponent += i64::try_from(zeros).unwrap_or(0);
            }
        }
        Self { negative, magnitude: Some((mantissa, exponent)), precision }
    }

    /// A number as it is written in decimals, with an exponent or without.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::parse_with(text, PRECISION)
    }

    pub(crate) fn parse_with(text: &str, precision: u32) -> Option<Self> {
        let (negative, digits) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        if matches!(digits, "Inf" | "inf") {
            return Some(Self { precision, ..Self::infinity(negative) });
        }
        let (mantissa, exponent) = match digits.find(['e', 'E']) {
            Some(at) => (&digits[..at], digits[at + 1..].parse::<i64>().ok()?),
            None => (digits, 0),
        };
        let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if whole.is_empty() && part.is_empty() || !exponent.abs().lt(&MAX_EXPONENT) {
            return None;
        }
        if !whole.bytes().chain(part.bytes()).all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        if whole.len() + part.len() > MAX_EXPONENT.unsigned_abs() as usize {
            return None;
        }
        let value = BigUint::parse_bytes(format!("{whole}{part}").as_bytes(), 10)?;
        let exponent = exponent - i64::try_from(part.len()).ok()?;
        let power = BigUint::from(5u32).pow(u32::try_from(exponent.unsigned_abs()).ok()?);
        Some(if exponent >= 0 {
            Self::finite(negative, value * power, exponent, precision)
        } else {
            Self::quotient(negative, &value, exponent, &power, 0, precision)
        })
    }

    /// `a · 2^ae / (b · 2^be)`, rounded once.
    fn quotient(negative: bool, a: &BigUint, ae: i64, b: &BigUint, be: i64, precision: u32) -> Self {
        let shift = (u64::from(precision) + 2 + b.bits()).saturating_sub(a.bits());
        let numerator = a << shift;
        let mut result = &numerator / b;
        // A last bit that says whether more follows, for rounding.
        result <<= 1u32;
        if &(&result >> 1u32) * b != numerator {
            result += 1u32;
        }
        Self::finite(negative, result, ae - be - i64::try_from(shift).unwrap_or(0) - 1, precision)
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.magnitude.as_ref().is_some_and(|(mantissa, _)| *mantissa == BigUint::ZERO)
    }

    pub(crate) fn is_negative(&self) -> bool {
        self.negative && !self.is_zero()
    }

    /// Mantissas at a common exponent.
    fn aligned(&self, other: &Self) -> Option<(BigInt, BigInt, i64)> {
        let ((a, ae), (b, be)) = (self.magnitude.as_ref()?, other.magnitude.as_ref()?);
        let low = if self.is_zero() {
            *be
        } else if other.is_zero() {
            *ae
        } else {
            *ae.min(be)
        };
        let at = |negative: bool, mantissa: &BigUint, exponent: i64| {
            let shifted = mantissa << exponent.saturating_sub(low).max(0).unsigned_abs();
            BigInt::from_biguint(if negative { Sign::Minus } else { Sign::Plus }, shifted)
        };
        Some((at(self.negative, a, *ae), at(other.negative, b, *be), low))
    }

    /// `None` for opposing infinities.
    pub(crate) fn add(&self, other: &Self) -> Option<Self> {
        let precision = self.precision.max(other.precision);
        match (&self.magnitude, &other.magnitude) {
            (None, None) if self.negative != other.negative => None,
            (None, _) => Some(self.clone()),
            (_, None) => Some(other.clone()),
            _ => {
                let (a, b, exponent) = self.aligned(other)?;
                let sum = a + b;
                Some(Self::finite(sum.sign() == Sign::Minus, sum.magnitude().clone(), exponent, precision))
            }
        }
    }

    pub(crate) fn negate(&self) -> Self {
        // Zero has a sign, too.
        Self { negative: !self.negative, ..self.clone() }
    }

    pub(crate) fn absolute(&self) -> Self {
        Self { negative: false, ..self.clone() }
    }

    /// `None` for zero times infinity.
    pub(crate) fn multiply(&self, other: &Self) -> Option<Self> {
        let negative = self.negative != other.negative;
        match (&self.magnitude, &other.magnitude) {
            (Some((a, ae)), Some((b, be))) => {
                Some(Self::finite(negative, a * b, ae + be, self.precision.max(other.precision)))
            }
            _ if self.is_zero() || other.is_zero() => None,
            _ => Some(Self::infinity(negative)),
        }
    }

    /// `None` for zero by zero and infinity by infinity; anything else by zero is infinite.
    pub(crate) fn divide(&self, other: &Self) -> Option<Self> {
        let negative = self.negative != other.negative;
        match (&self.magnitude, &other.magnitude) {
            (None, None) => None,
            (None, _) => Some(Self::infinity(negative)),
            (_, None) => Some(Self::int(0)),
            _ if other.is_zero() => (!self.is_zero()).then(|| Self::infinity(negative)),
            (Some((a, ae)), Some((b, be))) => {
                let precision = self.precision.max(other.precision);
                Some(Self::quotient(negative, a, *ae, b, *be, precision))
            }
        }
    }

    /// The remainder with the sign of the dividend.
    pub(crate) fn modulo(&self, other: &Self) -> Option<Self> {
        if self.magnitude.is_none() && other.magnitude.is_none() {
            return Some(self.clone());
        }
        if other.is_zero() {
            return Some(self.clone());
        }
        let whole = self.divide(other)?.truncate();
        self.add(&other.multiply(&whole)?.negate())
    }

    /// Towards zero.
    pub(crate) fn truncate(&self) -> Self {
        match self.integer() {
            Some((whole, false)) => Self::big(&whole),
            _ => self.clone(),
        }
    }

    pub(crate) fn floor(&self) -> Self {
        self.rounded(true)
    }

    pub(crate) fn ceil(&self) -> Self {
        self.rounded(false)
    }

    fn rounded(&self, down: bool) -> Self {
        match self.integer() {
            Some((whole, exact)) => {
                let step = i32::from(!exact && self.negative == down) * if down { -1 } else { 1 };
                let whole = whole + step;
                Self::finite(
                    whole.sign() == Sign::Minus,
                    whole.magnitude().clone(),
                    0,
                    self.precision.max(64),
                )
            }
            None => self.clone(),
        }
    }

    /// The whole part, and whether that is all of it.
    pub(crate) fn integer(&self) -> Option<(BigInt, bool)> {
        let (mantissa, exponent) = self.magnitude.as_ref()?;
        let sign = if self.negative { Sign::Minus } else { Sign::Plus };
        let distance = exponent.unsigned_abs();
        Some(if *exponent >= 0 {
            (BigInt::from_biguint(sign, mantissa << distance), true)
        } else {
            (BigInt::from_biguint(sign, mantissa >> distance), *mantissa == BigUint::ZERO)
        })
    }

    /// The number if it is a whole one of 64 bits.
    pub(crate) fn to_i64(&self) -> Option<i64> {
        match self.integer()? {
            (whole, true) => i64::try_from(whole).ok(),
            _ => None,
        }
    }

    /// The nearest double.
    pub(crate) fn to_f64(&self) -> f64 {
        if self.magnitude.is_none() {
            return if self.negative { f64::NEG_INFINITY } else { f64::INFINITY };
        }
        self.decimal(None).text_exponent(None, 'e').parse().unwrap_or(0.0)
    }

    pub(crate) fn compare(&self, other: &Self) -> Ordering {
        match (&self.magnitude, &other.magnitude) {
            (None, None) => other.negative.cmp(&self.negative),
            (None, _) => {
                if self.negative {
                    Ordering::Less
                } else {
                    Ordering::Greater
                }
            }
            (_, None) => {
                if other.negative {
                    Ordering::Greater
                } else {
                    Ordering::Less
                }
            }
            _ => self.aligned(other).map_or(Ordering::Equal, |(a, b, _)| a.cmp(&b)),
        }
    }

    /// The digits: the fewest that are read back as this number, or exactly all of it.
    pub(super) fn decimal(&self, shortest_for: Option<u32>) -> Decimal {
        match &self.magnitude {
            Some((mantissa, exponent)) => Decimal::new(self.negative, mantissa, *exponent, shortest_for),
            None => Decimal::infinite(self.negative),
        }
    }

    /// Without exponent and with as few digits as read back as this number: how numbers become strings.
    pub(crate) fn to_text(&self) -> String {
        self.decimal(Some(self.precision)).text_plain(None)
    }

    /// As C's `%e`, `%f` and `%g` write it; without `places`, as few digits as read back as this number.
    pub(crate) fn format(&self, verb: char, places: Option<usize>) -> String {
        let decimal = self.decimal(places.is_none().then_some(self.precision));
        match verb {
            'e' | 'E' => decimal.text_exponent(places, verb),
            'f' => decimal.text_plain(places),
            _ => decimal.text_general(places, verb),
        }
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.compare(other) == Ordering::Equal
    }
}

impl Eq for Number {}

#[cfg(test)]
mod tests {
    use super::Number;

    fn number(text: &str) -> Number {
        Number::parse(text).expect("a number")
    }

    #[test]
    fn numbers_become_text_as_go_writes_them() {
        for (text, expected) in [
            ("2.50", "2.5"),
            ("1e30", "1000000000000000000000000000000"),
            ("0.1", "0.1"),
            ("-0.25", "-0.25"),
            ("123456789.000001", "123456789.000001"),
            ("1e-7", "0.0000001"),
            ("0", "0"),
        ] {
            assert_eq!(number(text).to_text(), expected);
        }
    }

    #[test]
    fn arithmetic_has_512_bits() {
        let sum = number("0.1").add(&number("0.2")).expect("finite");
        assert_eq!(sum.to_text(), "0.3");
        let third = number("1").divide(&number("3")).expect("finite");
        assert!(third.to_text().starts_with("0.333333333333333333333333333333"));
        assert_eq!(number("7").modulo(&number("3")).expect("finite").to_text(), "1");
        assert_eq!(number("-7").modulo(&number("3")).expect("finite").to_text(), "-1");
        assert_eq!(number("1").divide(&number("0")).expect("infinite").to_text(), "+Inf");
        assert!(number("0").divide(&number("0")).is_none());
        assert_eq!(Number::float(0.1).expect("a number").to_text(), "0.1");
    }

    #[test]
    fn a_huge_exponent_is_no_number() {
        assert!(Number::parse("1e999999999").is_none());
    }
}
