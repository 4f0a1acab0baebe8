//! Fields of a JSON object, each once, in any order, with errors that name the field.

use serde::de::{Deserialize, Error, MapAccess};

/// A field that may have been read already.
pub(super) struct Field<T> {
    name: &'static str,
    value: Option<T>,
}

impl<T> Field<T> {
    pub(super) fn new(name: &'static str) -> Self {
        Self { name, value: None }
    }

    /// Reads the value that follows the key.
    pub(super) fn read<'de, A: MapAccess<'de>>(&mut self, map: &mut A) -> Result<(), A::Error>
    where
        T: Deserialize<'de>,
    {
        if self.value.is_some() {
            return Err(A::Error::duplicate_field(self.name));
        }
        // serde_json finds the position at the end of the message again.
        let value = map.next_value().map_err(|error| A::Error::custom(format_args!("{}: {error}", self.name)))?;
        self.value = Some(value);
        Ok(())
    }

    pub(super) fn required<E: Error>(self) -> Result<T, E> {
        self.value.ok_or_else(|| E::missing_field(self.name))
    }
}
