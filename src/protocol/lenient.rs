//! Deserialising what may be of another type than expected: a wrong type reads as "nothing", never as an error.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

/// A text field. Numbers are read as text (ids are strings on the wire, but some nodes send numbers).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Text<'a> {
    /// The key is not there, or holds neither text nor number.
    #[default]
    Missing,
    /// An explicit `null`.
    Null,
    /// Text, borrowed from the frame where it has no escapes.
    Is(Cow<'a, str>),
}

impl<'a> Text<'a> {
    /// The text, if there is any.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Text::Is(text) => Some(text),
            _ => None,
        }
    }
}

/// A number field; anything else is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Number(pub Option<f64>);

macro_rules! skip_seq {
    ($empty:expr) => {
        fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            while seq.next_element::<serde::de::IgnoredAny>()?.is_some() {}
            Ok($empty)
        }
    };
}

macro_rules! skip_map {
    ($empty:expr) => {
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            Ok($empty)
        }
    };
}

macro_rules! ignore_scalars {
    ($empty:expr) => {
        fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
            Ok($empty)
        }

        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            Ok($empty)
        }

        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
            Ok($empty)
        }

        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
            Ok($empty)
        }

        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok($empty)
        }

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok($empty)
        }
    };
}

/// Implements `Deserialize` for a struct by its map entries; any other JSON type gives the default.
macro_rules! lenient_object {
    ($type:ident, $map:ident, $target:ident, { $($key:literal => $read:expr),+ $(,)? }) => {
        impl<'de> serde::Deserialize<'de> for $type<'de> {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct ObjectVisitor;
                impl<'de> serde::de::Visitor<'de> for ObjectVisitor {
                    type Value = $type<'de>;

                    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                        f.write_str("anything")
                    }

                    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut $map: A) -> Result<Self::Value, A::Error> {
                        let mut $target = $type::default();
                        while let Some(key) = $map.next_key::<$crate::protocol::lenient::Text>()? {
                            match key.as_str().unwrap_or_default() {
                                $($key => $read,)+
                                _ => {
                                    $map.next_value::<serde::de::IgnoredAny>()?;
                                }
                            }
                        }
                        Ok($target)
                    }

                    $crate::protocol::lenient::skip_seq!($type::default());
                    $crate::protocol::lenient::ignore_scalars!($type::default());
                }
                deserializer.deserialize_any(ObjectVisitor)
            }
        }
    };
}

pub(crate) use {ignore_scalars, lenient_object, skip_seq};

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
        Ok(Text::Is(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
        Ok(Text::Is(Cow::Owned(text.to_owned())))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Text<'de>, E> {
        Ok(Text::Is(Cow::Owned(number.to_string())))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Text<'de>, E> {
        Ok(Text::Is(Cow::Owned(number.to_string())))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Text<'de>, E> {
        Ok(Text::Missing)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Text<'de>, E> {
        Ok(Text::Missing)
    }

    fn visit_unit<E>(self) -> Result<Text<'de>, E> {
        Ok(Text::Null)
    }

    skip_seq!(Text::Missing);
    skip_map!(Text::Missing);
}

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

struct NumberVisitor;

impl<'de> Visitor<'de> for NumberVisitor {
    type Value = Number;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_f64<E>(self, number: f64) -> Result<Number, E> {
        Ok(Number(Some(number)))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Number, E> {
        Ok(Number(Some(number as f64)))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Number, E> {
        Ok(Number(Some(number as f64)))
    }

    fn visit_str<E>(self, _: &str) -> Result<Number, E> {
        Ok(Number(None))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Number, E> {
        Ok(Number(None))
    }

    fn visit_unit<E>(self) -> Result<Number, E> {
        Ok(Number(None))
    }

    skip_seq!(Number(None));
    skip_map!(Number(None));
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberVisitor)
    }
}
