//! Decimal digits of binary numbers, with the rounding of Go's `math/big`.

use std::fmt::Write as _;

use num_bigint::BigUint;

/// `0.digits · 10^point`.
#[derive(Debug, Clone)]
pub(super) struct Decimal {
    negative: bool,
    digits: Vec<u8>,
    point: i64,
    infinite: bool,
}

/// Digits of `mantissa · 2^exponent` without zeros at the end, and where the point is.
fn digits(mantissa: &BigUint, exponent: i64) -> (Vec<u8>, i64) {
    if *mantissa == BigUint::ZERO {
        return (Vec::new(), 0);
    }
    let distance = u32::try_from(exponent.unsigned_abs()).unwrap_or(u32::MAX);
    let (value, shift) = if exponent >= 0 {
        (mantissa << distance, 0)
    } else {
        (mantissa * BigUint::from(5u32).pow(distance), i64::from(distance))
    };
    let mut digits = value.to_str_radix(10).into_bytes();
    let point = i64::try_from(digits.len()).unwrap_or(0) - shift;
    while digits.last() == Some(&b'0') {
        digits.pop();
    }
    (digits, point)
}

impl Decimal {
    pub(super) fn infinite(negative: bool) -> Self {
        Self { negative, digits: Vec::new(), point: 0, infinite: true }
    }

    pub(super) fn new(negative: bool, mantissa: &BigUint, exponent: i64, shortest_for: Option<u32>) -> Self {
        let (digits, point) = digits(mantissa, exponent);
        let mut decimal = Self { negative, digits, point, infinite: false };
        if let Some(precision) = shortest_for
            && *mantissa != BigUint::ZERO
        {
            decimal.shorten(mantissa, exponent, precision);
        }
        decimal
    }

    /// Rounds to the fewest digits between the middles to both neighbours.
    fn shorten(&mut self, mantissa: &BigUint, exponent: i64, precision: u32) {
        let wanted = u64::from(precision) + 1;
        let shift = wanted.saturating_sub(mantissa.bits());
        let scaled = mantissa << shift;
        let exponent = exponent - i64::try_from(shift).unwrap_or(0);
        let (lower, _) = digits(&(&scaled - 1u32), exponent);
        let (upper, _) = digits(&(&scaled + 1u32), exponent);
        let inclusive = !scaled.bit(1);
        let at = |digits: &[u8], index: usize| digits.get(index).copied().unwrap_or(b'0');
        for index in 0..self.digits.len() {
            let digit = self.digits[index];
            let (low, high) = (at(&lower, index), at(&upper, index));
            let down = low != digit || inclusive && index + 1 == lower.len();
            let up = digit != high && (inclusive || digit + 1 < high || index + 1 < upper.len());
            match (down, up) {
                (true, true) => return self.round(index + 1),
                (true, false) => return self.round_down(index + 1),
                (false, true) => return self.round_up(index + 1),
                (false, false) => {}
            }
        }
    }

    fn round(&mut self, count: usize) {
        if count >= self.digits.len() {
            return;
        }
        let up = if self.digits[count] == b'5' && count + 1 == self.digits.len() {
            // Exactly the middle: to even.
            count > 0 && !(self.digits[count - 1] - b'0').is_multiple_of(2)
        } else {
            self.digits[count] >= b'5'
        };
        if up { self.round_up(count) } else { self.round_down(count) }
    }

    fn round_up(&mut self, count: usize) {
        if count >= self.digits.len() {
            return;
        }
        let mut count = count;
        while count > 0 && self.digits[count - 1] >= b'9' {
            count -= 1;
        }
        if count == 0 {
            self.digits = vec![b'1'];
            self.point += 1;
            return;
        }
        self.digits[count - 1] += 1;
        self.digits.truncate(count);
    }

    fn round_down(&mut self, count: usize) {
        if count >= self.digits.len() {
            return;
        }
        self.digits.truncate(count);
        while self.digits.last() == Some(&b'0') {
            self.digits.pop();
        }
        if self.digits.is_empty() {
            self.point = 0;
        }
    }

    fn digit(&self, index: i64) -> char {
        usize::try_from(index)
            .ok()
            .and_then(|index| self.digits.get(index))
            .map_or('0', |&digit| digit.into())
    }

    fn signed(&self, text: &str) -> String {
        if self.infinite {
            return if self.negative { "-Inf" } else { "+Inf" }.to_owned();
        }
        if self.negative { format!("-{text}") } else { text.to_owned() }
    }

    /// As `%f` writes it, with as many places as there are without `places`.
    pub(super) fn text_plain(&self, places: Option<usize>) -> String {
        let mut own = self.clone();
        let places = match places {
            Some(places) => {
                let kept = own.point + i64::try_from(places).unwrap_or(0);
                match usize::try_from(kept) {
                    Ok(kept) => own.round(kept),
                    Err(_) => own.round_down(0),
                }
                places
            }
            None => usize::try_from(i64::try_from(own.digits.len()).unwrap_or(0) - own.point).unwrap_or(0),
        };
        let mut text = String::new();
        if own.point > 0 {
            text.extend((0..own.point).map(|index| own.digit(index)));
        } else {
            text.push('0');
        }
        if places > 0 {
            text.push('.');
            let places = i64::try_from(places).unwrap_or(0);
            text.extend((0..places).map(|index| own.digit(own.point + index)));
        }
        own.signed(&text)
    }

    /// As `%e` writes it.
    pub(super) fn text_exponent(&self, places: Option<usize>, verb: char) -> String {
        let mut own = self.clone();
        let places = match places {
            Some(places) => {
                own.round(places + 1);
                places
            }
            None => own.digits.len().saturating_sub(1),
        };
        let mut text = String::from(own.digit(0));
        if places > 0 {
            text.push('.');
            text.extend((1..=i64::try_from(places).unwrap_or(0)).map(|index| own.digit(index)));
        }
        let exponent = if own.digits.is_empty() { 0 } else { own.point - 1 };
        let sign = if exponent < 0 { '-' } else { '+' };
        let _ = write!(text, "{verb}{sign}{:02}", exponent.abs());
        own.signed(&text)
    }

    /// As `%g` writes it.
    pub(super) fn text_general(&self, places: Option<usize>, verb: char) -> String {
        let mut own = self.clone();
        let shortest = places.is_none();
        let mut places = places.map_or(own.digits.len(), |places| places.max(1));
        if !shortest {
            own.round(places);
        }
        let count = own.digits.len();
        let mut limit = places;
        if limit > count && i64::try_from(count).unwrap_or(0) >= own.point {
            limit = count;
        }
        if shortest {
            limit = 6;
        }
        let exponent = own.point - 1;
        if exponent < -4 || exponent >= i64::try_from(limit).unwrap_or(0) {
            if places > count {
                places = count;
            }
            let verb = if verb == 'G' { 'E' } else { 'e' };
            return own.text_exponent(Some(places.saturating_sub(1)), verb);
        }
        let after = i64::try_from(count).unwrap_or(0) - own.point;
        own.text_plain(Some(usize::try_from(after).unwrap_or(0)))
    }
}
