//! Text of which parts may not be known.

use smol_str::SmolStr;

/// Stands in a [`Text`] for any characters, or none. No text of a shell can hold it.
const GAP: char = '\0';

/// Texts longer than this many bytes are not followed: they become unknown.
pub const MAX_TEXT: usize = 16 << 10;

/// A text of the shell's, with gaps where it is not known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Text(SmolStr);

impl Text {
    /// A text that is known; what it has of gaps already stays.
    pub fn new(text: &str) -> Self {
        if text.len() > MAX_TEXT { Self::unknown() } else { Self(SmolStr::new(text)) }
    }

    /// A text of which nothing is known.
    pub fn unknown() -> Self {
        Self(SmolStr::new_inline("\0"))
    }

    /// The whole text, if all of it is known.
    pub fn known(&self) -> Option<&str> {
        (!self.0.contains(GAP)).then_some(&*self.0)
    }

    /// The text with a NUL for each gap.
    pub fn with_gaps(&self) -> &str {
        &self.0
    }

    /// The parts that are known, in order.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        self.0.split(GAP)
    }

    /// Whether it has no characters.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it surely has characters; `None` where that is not known.
    pub fn has_any(&self) -> Option<bool> {
        if self.is_empty() { Some(false) } else { self.0.chars().any(|c| c != GAP).then_some(true) }
    }

    /// This text and another behind it.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        if self.is_empty() {
            return other.clone();
        }
        if other.is_empty() {
            return self.clone();
        }
        if self.0.len() + other.0.len() > MAX_TEXT {
            return Self::unknown();
        }
        if self.0.ends_with(GAP) && other.0.starts_with(GAP) {
            return Self(format!("{}{}", self.0, &other.0[1..]).into());
        }
        Self(format!("{}{}", self.0, other.0).into())
    }

    /// What both of two texts have at their beginning, and a gap for the rest.
    #[must_use]
    pub fn either(&self, other: &Self) -> Self {
        if self == other {
            return self.clone();
        }
        let same = self.0.bytes().zip(other.0.bytes()).take_while(|(a, b)| a == b && *a != 0).count();
        let end = (0..=same).rev().find(|&at| self.0.is_char_boundary(at)).unwrap_or(0);
        Self(format!("{}{GAP}", &self.0[..end]).into())
    }

    /// Whether two texts are the same, where that is known.
    pub fn equals(&self, other: &Self) -> Option<bool> {
        if let (Some(a), Some(b)) = (self.known(), other.known()) {
            return Some(a == b);
        }
        let first = |text: &'_ Self| text.0.split(GAP).next().unwrap_or_default().to_owned();
        let last = |text: &'_ Self| text.0.rsplit(GAP).next().unwrap_or_default().to_owned();
        let (a, b) = (first(self), first(other));
        let (c, d) = (last(self), last(other));
        let begins = a.starts_with(&b) || b.starts_with(&a);
        let ends = c.ends_with(&d) || d.ends_with(&c);
        // A known text that is shorter than what the other surely has is another.
        let fits = self.known().is_none_or(|text| text.len() >= other.0.replace(GAP, "").len())
            && other.known().is_none_or(|text| text.len() >= self.0.replace(GAP, "").len());
        (!begins || !ends || !fits).then_some(false)
    }
}

impl From<&SmolStr> for Text {
    /// A text that is known, which shares its memory.
    fn from(text: &SmolStr) -> Self {
        if text.len() > MAX_TEXT { Self::unknown() } else { Self(text.clone()) }
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}
