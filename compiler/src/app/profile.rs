//! Which start times, rates and prices a simulation in a cluster takes.

/// A named set of figures, with those that the platform writes itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// The set; the simulator's tables hold its figures.
    pub name: ProfileName,
    /// What wins over it, in the order of the language's fields.
    pub written: Vec<Figure>,
}

/// The sets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProfileName {
    /// What the vendor's documents say.
    #[default]
    AckDocs,
    /// What an article of 2020 on a sale says: slow nodes, billed by the hour.
    Article2020,
}

impl ProfileName {
    /// The words of the language.
    pub const WORDS: &'static [&'static str] = &["ack-docs", "article-2020"];

    /// Its word in the language.
    pub fn word(self) -> &'static str {
        match self {
            Self::AckDocs => Self::WORDS[0],
            Self::Article2020 => Self::WORDS[1],
        }
    }

    /// The one of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::AckDocs, Self::Article2020].into_iter().find(|name| name.word() == word)
    }
}

/// One figure that the platform writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// The field's name.
    pub name: &'static str,
    /// Its value: nanoseconds, a count, bytes, per cent, or a price in nano-yuan a second.
    pub value: u64,
    /// The same as it is written.
    pub text: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_names_a_profile() {
        for word in ProfileName::WORDS {
            assert_eq!(ProfileName::from_word(word).map(ProfileName::word), Some(*word));
        }
        assert_eq!(ProfileName::from_word("aws-docs"), None);
    }
}
