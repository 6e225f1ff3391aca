//! Reading JSON that may be anything: files of many editor versions, of other tools, and broken ones.
//!
//! Derived implementations of `Deserialize` refuse a field of another type and a repeated key. Here, a value of another
//! type counts as missing, and of a repeated key the last counts, as in JavaScript.

use std::borrow::Cow;
use std::ops::Deref;

use crate::workflow::model::reader::{self, Items, Place, Read};

/// A string.
#[derive(Clone, Debug, Default)]
pub(crate) struct Text<'a>(pub Option<Cow<'a, str>>);

impl Text<'_> {
    pub fn str(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// The string, or an empty one.
    pub fn or_empty(&self) -> &str {
        self.str().unwrap_or("")
    }
}

impl<'de> Read<'de> for Text<'de> {
    fn place(&mut self) -> Place<'_, 'de> {
        Place::Text(&mut self.0)
    }
}

/// The text of any value.
#[derive(Clone, Debug, Default)]
pub(crate) struct Raw<'a>(pub Option<&'a str>);

impl<'de> Read<'de> for Raw<'de> {
    fn place(&mut self) -> Place<'_, 'de> {
        Place::Raw(&mut self.0)
    }
}

/// A list.
#[derive(Clone, Debug)]
pub(crate) struct List<T>(pub Option<Vec<T>>);

impl<T> Default for List<T> {
    fn default() -> Self {
        List(None)
    }
}

impl<T> Deref for List<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        self.0.as_deref().unwrap_or_default()
    }
}

impl<'de, T: Read<'de> + Default> Read<'de> for List<T> {
    fn place(&mut self) -> Place<'_, 'de> {
        Place::Items(self)
    }
}

impl<'de, T: Read<'de> + Default> Items<'de> for List<T> {
    fn set(&mut self, is_there: bool) {
        self.0 = is_there.then(Vec::new);
    }

    fn add(&mut self) -> Place<'_, 'de> {
        let items = self.0.get_or_insert_default();
        items.push(T::default());
        items.last_mut().map_or(Place::Ignored, T::place)
    }
}

/// The pairs of an object, in the order of the text.
#[derive(Clone, Debug)]
pub(crate) struct Entries<'a, T>(pub Option<Vec<(Cow<'a, str>, T)>>);

impl<T> Default for Entries<'_, T> {
    fn default() -> Self {
        Entries(None)
    }
}

impl<'a, T> Deref for Entries<'a, T> {
    type Target = [(Cow<'a, str>, T)];

    fn deref(&self) -> &Self::Target {
        self.0.as_deref().unwrap_or_default()
    }
}

impl<T> Entries<'_, T> {
    /// The value under a key; of a repeated key the last.
    pub fn get(&self, key: &str) -> Option<&T> {
        self.iter().rev().find(|(name, _)| *name == key).map(|(_, value)| value)
    }
}

impl<'de, T: Read<'de> + Default> Read<'de> for Entries<'de, T> {
    fn place(&mut self) -> Place<'_, 'de> {
        Place::Pairs(self)
    }
}

impl<'de, T: Read<'de> + Default> reader::Pairs<'de> for Entries<'de, T> {
    fn set(&mut self, is_there: bool) {
        self.0 = is_there.then(Vec::new);
    }

    fn add(&mut self, key: Cow<'de, str>) -> Place<'_, 'de> {
        let pairs = self.0.get_or_insert_default();
        pairs.push((key, T::default()));
        pairs.last_mut().map_or(Place::Ignored, |(_, value)| value.place())
    }
}

/// Declares a type with the fields of a JSON object. With `list`, a list gives the fields by their positions. Fields
/// behind a semicolon are not read.
macro_rules! fields {
    (@is_list list) => { true };
    (@is_list) => { false };
    ($(#[$doc:meta])* $name:ident $($list:ident)? { $($(#[$field_doc:meta])* $key:literal => $field:ident: $type:ty,)*
        $(; $(#[$unread_doc:meta])* $unread:ident: $unread_type:ty)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default)]
        pub(crate) struct $name<'a> {
            $($(#[$field_doc])* pub $field: $type,)*
            $($(#[$unread_doc])* pub $unread: $unread_type,)?
        }

        impl<'de> $crate::workflow::model::reader::Read<'de> for $name<'de> {
            fn place(&mut self) -> $crate::workflow::model::reader::Place<'_, 'de> {
                $crate::workflow::model::reader::Place::Fields(self)
            }
        }

        impl<'de> $crate::workflow::model::reader::Fields<'de> for $name<'de> {
            fn keys(&self) -> &'static [&'static str] {
                &[$($key),*]
            }

            fn is_list(&self) -> bool {
                fields!(@is_list $($list)?)
            }

            fn field(&mut self, at: usize) -> $crate::workflow::model::reader::Place<'_, 'de> {
                #[allow(non_camel_case_types)]
                enum At { $($field),* }
                match at {
                    $(at if at == At::$field as usize => $crate::workflow::model::reader::Read::place(&mut self.$field),)*
                    _ => $crate::workflow::model::reader::Place::Ignored,
                }
            }
        }
    };
}
pub(crate) use fields;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_other_types_are_missing_and_of_repeated_keys_the_last_counts() {
        fields! {
            /// An example.
            Example list { "a" => a: Text<'a>, "b" => b: List<Text<'a>>, }
        }
        let read = |text| {
            let mut example = Example::default();
            reader::read(text, example.place()).unwrap();
            example
        };
        let example = read(r#"{"a": 1, "x": {"y": []}, "a": "\u0031", "b": ["2", 3, null, {}]}"#);
        let items: Vec<_> = example.b.iter().map(Text::str).collect();
        assert_eq!((example.a.str(), &items[..]), (Some("1"), &[Some("2"), None, None, None][..]));
        assert_eq!(read(r#"["1", ["2"], 3]"#).b[0].str(), Some("2"));
        for other in ["null", "true", "1", "-1", "1.5", "\"a\"", "[]", "{}", r#"{"a": {}, "b": {"c": 1}}"#] {
            let example = read(other);
            assert!(example.a.str().is_none() && example.b.0.is_none(), "{other}");
        }
    }
}
