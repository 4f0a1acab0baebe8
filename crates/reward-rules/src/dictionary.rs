//! Addresses and hashes as small integers.

use std::collections::HashMap;
use std::sync::Arc;

/// An address, a hash or a token, as its position in a [`Dictionary`].
///
/// Ids are in order of first appearance, so comparing two ids says nothing about text order; compare
/// [`Dictionary::text`] where the spec orders by text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(pub u32);

/// The texts behind the [`Id`]s of one run.
#[derive(Debug, Default, Clone)]
pub struct Dictionary {
    texts: Vec<Arc<str>>,
    ids: HashMap<Arc<str>, Id>,
    text_bytes: u64,
}

impl Dictionary {
    /// An empty dictionary.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The id of a text, which is added if it is new.
    ///
    /// # Panics
    /// If there are more than 2^32 − 1 different texts.
    pub fn intern(&mut self, text: &str) -> Id {
        if let Some(&id) = self.ids.get(text) {
            return id;
        }
        let id = Id(u32::try_from(self.texts.len()).expect("fewer than 2^32 addresses and hashes"));
        self.text_bytes += text.len() as u64;
        let text: Arc<str> = text.into();
        self.texts.push(Arc::clone(&text));
        self.ids.insert(text, id);
        id
    }

    /// The id of a text, if it is known.
    #[must_use]
    pub fn get(&self, text: &str) -> Option<Id> {
        self.ids.get(text).copied()
    }

    /// The text of an id.
    ///
    /// # Panics
    /// If the id comes from another dictionary and is out of range.
    #[must_use]
    pub fn text(&self, id: Id) -> &str {
        &self.texts[id.0 as usize]
    }

    /// How many texts there are; ids are below this number.
    #[must_use]
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// About how many bytes the dictionary takes.
    #[must_use]
    pub fn memory_bytes(&self) -> u64 {
        // A text is one allocation with two counters; it is pointed to from both sides, and half the map may be empty.
        const PER_TEXT: u64 = 16 + 16 + 16 + 2 * 24;
        self.text_bytes + self.texts.len() as u64 * PER_TEXT
    }

    /// Whether no text was interned yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// All texts in id order.
    pub fn texts(&self) -> impl ExactSizeIterator<Item = &str> {
        self.texts.iter().map(AsRef::as_ref)
    }
}
