//! Collects the words that an expansion makes: unquoted white space separates, also where a variable brought it.

/// Collects the words of the outermost level.
#[derive(Debug, Default)]
pub(super) struct Words {
    pub(super) done: Vec<String>,
    pub(super) word: String,
    pub(super) inside: bool,
}

impl Words {
    pub(super) fn add(&mut self, char: char) {
        if !char.is_whitespace() {
            self.add_raw(char);
        } else if self.inside && !self.word.is_empty() {
            self.done.push(std::mem::take(&mut self.word));
            self.inside = false;
        }
    }

    pub(super) fn add_raw(&mut self, char: char) {
        self.word.push(char);
        self.inside = true;
    }

    pub(super) fn finish(mut self) -> Vec<String> {
        if !self.word.is_empty() {
            self.done.push(self.word);
        }
        self.done
    }
}
