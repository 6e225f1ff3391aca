//! Reading JSON that may be anything: files of many editor versions, of other tools, and broken ones.
//!
//! Derived implementations of `Deserialize` refuse a field of another type and a repeated key. Here, a value of another
//! type counts as missing, and of a repeated key the last counts, as in JavaScript.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A type that is read out of strings, lists or objects, whichever it implements; anything else gives its default.
pub(crate) trait Lenient<'de>: Default {
    fn of_string(_: Cow<'de, str>) -> Self {
        Self::default()
    }

    fn of_list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }

    fn of_object<A: MapAccess<'de>>(mut object: A) -> Result<Self, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }
}

/// Reads a lenient type.
pub(crate) fn lenient<'de, T: Lenient<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_any(Any(PhantomData))
}

struct Any<T>(PhantomData<T>);

impl<'de, T: Lenient<'de>> Visitor<'de> for Any<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_u64<E>(self, _: u64) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<T, E> {
        Ok(T::of_string(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<T, E> {
        Ok(T::of_string(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<T, A::Error> {
        T::of_list(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<T, A::Error> {
        T::of_object(object)
    }
}

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

impl<'de> Lenient<'de> for Text<'de> {
    fn of_string(text: Cow<'de, str>) -> Self {
        Text(Some(text))
    }
}

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        lenient(deserializer)
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

impl<'de, T: Deserialize<'de>> Lenient<'de> for List<T> {
    fn of_list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(List(Some(items)))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        lenient(deserializer)
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

/// A key, borrowed where it has no escapes.
#[derive(Deserialize)]
pub(crate) struct Key<'a>(#[serde(borrow)] pub Cow<'a, str>);

impl<'de, T: Deserialize<'de>> Lenient<'de> for Entries<'de, T> {
    fn of_object<A: MapAccess<'de>>(mut object: A) -> Result<Self, A::Error> {
        let mut pairs = Vec::new();
        while let Some((Key(key), value)) = object.next_entry()? {
            pairs.push((key, value));
        }
        Ok(Entries(Some(pairs)))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Entries<'de, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        lenient(deserializer)
    }
}

/// Declares a type with the fields of a JSON object. With `list`, a list gives the fields by their positions. Fields
/// behind a semicolon are not read.
macro_rules! fields {
    (@list $name:ident list { $($field:ident)* }) => {
        fn of_list<A: serde::de::SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
            let mut value = Self::default();
            $(if let Some(field) = list.next_element()? {
                value.$field = field;
            })*
            while list.next_element::<serde::de::IgnoredAny>()?.is_some() {}
            Ok(value)
        }
    };
    (@list $name:ident { $($field:ident)* }) => {};
    ($(#[$doc:meta])* $name:ident $($list:ident)? { $($(#[$field_doc:meta])* $key:literal => $field:ident: $type:ty,)*
        $(; $(#[$unread_doc:meta])* $unread:ident: $unread_type:ty)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default)]
        pub(crate) struct $name<'a> {
            $($(#[$field_doc])* pub $field: $type,)*
            $($(#[$unread_doc])* pub $unread: $unread_type,)?
        }

        impl<'de> Lenient<'de> for $name<'de> {
            fn of_object<A: serde::de::MapAccess<'de>>(mut object: A) -> Result<Self, A::Error> {
                let mut value = Self::default();
                while let Some($crate::workflow::model::lenient::Key(key)) = object.next_key()? {
                    match &*key {
                        $($key => value.$field = object.next_value()?,)*
                        _ => drop(object.next_value::<serde::de::IgnoredAny>()?),
                    }
                }
                Ok(value)
            }
            fields!(@list $name $($list)? { $($field)* });
        }

        impl<'de> serde::Deserialize<'de> for $name<'de> {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::workflow::model::lenient::lenient(deserializer)
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
        let read = |text| serde_json::from_str::<Example>(text).unwrap();
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
