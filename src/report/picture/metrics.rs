//! How wide a text is, and how to make it fit: cut in the middle or wrapped into lines.
//!
//! Measures with the widths of one font (`widths`), and takes too much rather than too little for characters that are
//! in none of its tables. Knows nothing of pictures.

use std::borrow::Cow;

use super::widths;

/// The weight of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Ordinary.
    Regular,
    /// Bold.
    Bold,
}

/// The size and weight of a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Font {
    /// In pixels.
    pub size: f64,
    /// The weight.
    pub weight: Weight,
}

impl Font {
    /// An ordinary font of `size` pixels.
    pub const fn regular(size: f64) -> Self {
        Self { size, weight: Weight::Regular }
    }

    /// A bold font of `size` pixels.
    pub const fn bold(size: f64) -> Self {
        Self { size, weight: Weight::Bold }
    }

    /// The width of a text in pixels.
    pub fn width(self, text: &str) -> f64 {
        text.chars().map(|char| self.advance(char)).sum()
    }

    /// Whether the width of every character is known, not estimated.
    pub fn knows(self, text: &str) -> bool {
        text.chars().all(|char| self.units(char).is_some())
    }

    /// The width of one character in pixels.
    fn advance(self, char: char) -> f64 {
        f64::from(self.units(char).unwrap_or(widths::WIDEST)) * self.size / widths::UNITS
    }

    fn units(self, char: char) -> Option<u16> {
        let (ascii, latin, signs) = match self.weight {
            Weight::Regular => (&widths::REGULAR_ASCII, &widths::REGULAR_LATIN, &widths::REGULAR_SIGNS),
            Weight::Bold => (&widths::BOLD_ASCII, &widths::BOLD_LATIN, &widths::BOLD_SIGNS),
        };
        let from = |start: char, table: &[u16]| {
            (char as usize).checked_sub(start as usize).and_then(|at| table.get(at).copied())
        };
        from(widths::ASCII_START, ascii)
            .or_else(|| from(widths::LATIN_START, latin))
            .or_else(|| signs.iter().find(|(sign, _)| *sign == char).map(|(_, width)| *width))
    }

    /// The text, with its middle replaced by an ellipsis where it is wider than `room`. Keeps twice as much of the
    /// beginning as of the end.
    pub fn fit(self, text: &str, room: f64) -> Cow<'_, str> {
        if self.width(text) <= room {
            return Cow::Borrowed(text);
        }
        let room = room - self.advance('…');
        if room < 0.0 {
            return Cow::Borrowed("");
        }
        let head = self.taken(text.chars(), room * 2.0 / 3.0);
        let head_end = text.char_indices().nth(head).map_or(text.len(), |(at, _)| at);
        let left = room - self.width(&text[..head_end]);
        let tail = self.taken(text[head_end..].chars().rev(), left);
        let tail_start = text.char_indices().rev().nth(tail.wrapping_sub(1)).map_or(text.len(), |(at, _)| at);
        Cow::Owned(format!("{}…{}", text[..head_end].trim_end(), text[tail_start..].trim_start()))
    }

    /// How many characters from the front of `chars` fit into `room`.
    fn taken(self, chars: impl Iterator<Item = char>, room: f64) -> usize {
        let mut used = 0.0;
        chars
            .take_while(|&char| {
                used += self.advance(char);
                used <= room
            })
            .count()
    }

    /// The text in at most `lines` lines that are no wider than `room`; a word that is wider, and the last line where
    /// more would follow, are cut in the middle.
    pub fn wrap(self, text: &str, room: f64, lines: usize) -> Vec<String> {
        let mut wrapped: Vec<String> = Vec::new();
        let mut words = text.split_whitespace().peekable();
        while words.peek().is_some() {
            if wrapped.len() + 1 >= lines {
                let rest: Vec<&str> = words.by_ref().collect();
                wrapped.push(self.fit(&rest.join(" "), room).into_owned());
                break;
            }
            let mut line = String::new();
            while let Some(word) = words.peek() {
                let longer = if line.is_empty() { (*word).to_owned() } else { format!("{line} {word}") };
                if !line.is_empty() && self.width(&longer) > room {
                    break;
                }
                line = longer;
                words.next();
            }
            wrapped.push(self.fit(&line, room).into_owned());
        }
        wrapped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FONT: Font = Font::regular(12.0);

    #[test]
    fn widths_are_those_of_the_font() {
        let em = |text: &str| (FONT.width(text) / 12.0 * widths::UNITS).round().to_string();
        assert_eq!(em("RUN"), (3 * 1479).to_string());
        assert_eq!(em("é…→"), (1139 + 2048 + 2048).to_string());
        assert_eq!(em("日"), widths::WIDEST.to_string());
        assert!(Font::bold(12.0).width("build") > FONT.width("build"));
    }

    #[test]
    fn a_text_is_cut_in_its_middle() {
        let text = "go build -trimpath -ldflags=-s -o /out/app ./cmd/app";
        let cut = FONT.fit(text, 150.0);
        assert!(FONT.width(&cut) <= 150.0, "{cut}");
        assert!(cut.starts_with("go build -trim") && cut.ends_with("md/app"), "{cut}");
        assert_eq!(FONT.fit(text, 900.0), text);
        assert_eq!(FONT.fit(text, 3.0), "");
        assert_eq!(FONT.fit("日本語のコマンドと長い文章", 60.0), "日本…章");
    }

    #[test]
    fn wrapped_lines_fit() {
        let text = "ARG TARGETARCH (line 15) is in the environment and differs: amd64, arm64";
        for room in [40.0, 90.0, 160.0, 900.0] {
            let lines = FONT.wrap(text, room, 3);
            assert!(lines.len() <= 3);
            assert!(lines.iter().all(|line| FONT.width(line) <= room), "{lines:?}");
        }
        assert_eq!(FONT.wrap(text, 900.0, 3), [text]);
        assert!(FONT.wrap("", 10.0, 3).is_empty());
    }
}
