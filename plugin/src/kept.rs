//! What is kept for the next attempt and the next sync: as JSON, by field names.
//!
//! By hand and by way of one JSON value: derived readers and writers of these few types were a tenth of the component.
//! Sets and maps are filled one by one, since collecting into one brings a sort of its own for each type.

use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// What can be kept.
pub trait Kept: Sized {
    /// As JSON.
    fn keep(&self) -> Value;

    /// From JSON; none when it was not made by [`Kept::keep`].
    fn resume(kept: &Value) -> Option<Self>;
}

/// Keeps a struct as an object; `..` for fields that begin anew.
macro_rules! keep {
    ($kept:ident { $($field:ident),* $(, ..$rest:ident)? }) => {
        impl $crate::kept::Kept for $kept {
            fn keep(&self) -> serde_json::Value {
                $crate::kept::object([$((stringify!($field), $crate::kept::Kept::keep(&self.$field))),*])
            }

            fn resume(kept: &serde_json::Value) -> Option<Self> {
                Some(Self {
                    $($field: $crate::kept::Kept::resume(&kept[stringify!($field)])?,)*
                    $(..Self::$rest())?
                })
            }
        }
    };
}
pub(crate) use keep;

/// An object of these fields.
pub fn object<'n>(fields: impl IntoIterator<Item = (&'n str, Value)>) -> Value {
    let mut object = Map::new();
    for (name, value) in fields {
        object.insert(name.into(), value);
    }
    Value::Object(object)
}

/// Reads a text that [`write`] made.
pub fn read(text: &str) -> Option<Value> {
    serde_json::from_slice(text.as_bytes()).ok()
}

/// Writes a text.
pub fn write(kept: &impl Kept) -> String {
    kept.keep().to_string()
}

impl Kept for u64 {
    fn keep(&self) -> Value {
        Value::from(*self)
    }

    fn resume(kept: &Value) -> Option<Self> {
        kept.as_u64()
    }
}

impl Kept for u32 {
    fn keep(&self) -> Value {
        Value::from(*self)
    }

    fn resume(kept: &Value) -> Option<Self> {
        kept.as_u64()?.try_into().ok()
    }
}

impl Kept for String {
    fn keep(&self) -> Value {
        Value::String(self.clone())
    }

    fn resume(kept: &Value) -> Option<Self> {
        kept.as_str().map(Into::into)
    }
}

impl<T: Kept> Kept for Option<T> {
    fn keep(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::keep)
    }

    fn resume(kept: &Value) -> Option<Self> {
        if kept.is_null() { Some(None) } else { T::resume(kept).map(Some) }
    }
}

impl<T: Kept> Kept for Vec<T> {
    fn keep(&self) -> Value {
        Value::Array(self.iter().map(T::keep).collect())
    }

    fn resume(kept: &Value) -> Option<Self> {
        kept.as_array()?.iter().map(T::resume).collect()
    }
}

impl<T: Kept + Ord> Kept for BTreeSet<T> {
    fn keep(&self) -> Value {
        Value::Array(self.iter().map(T::keep).collect())
    }

    fn resume(kept: &Value) -> Option<Self> {
        let mut set = Self::new();
        for element in kept.as_array()? {
            set.insert(T::resume(element)?);
        }
        Some(set)
    }
}

impl Kept for BTreeMap<String, u64> {
    fn keep(&self) -> Value {
        object(self.iter().map(|(name, count)| (name.as_str(), count.keep())))
    }

    fn resume(kept: &Value) -> Option<Self> {
        let mut counts = Self::new();
        for (name, count) in kept.as_object()? {
            counts.insert(name.clone(), u64::resume(count)?);
        }
        Some(counts)
    }
}

impl<A: Kept, B: Kept> Kept for (A, B) {
    fn keep(&self) -> Value {
        Value::Array(vec![self.0.keep(), self.1.keep()])
    }

    fn resume(kept: &Value) -> Option<Self> {
        Some((A::resume(&kept[0])?, B::resume(&kept[1])?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Debug, Default, PartialEq)]
    struct Shelf {
        books: u64,
        colour: Option<String>,
        rows: Vec<(u32, BTreeSet<u64>)>,
        counts: BTreeMap<String, u64>,
        is_dusty: bool,
    }
    keep!(Shelf { books, colour, rows, counts, ..default });

    #[test]
    fn what_was_kept_is_read_again_and_nothing_else_is() {
        let whole = Shelf {
            books: u64::MAX,
            colour: Some("\"blue\"".into()),
            rows: vec![(7, BTreeSet::from([1, 2]))],
            counts: BTreeMap::from([("a".into(), 1)]),
            is_dusty: true,
        };
        let text = write(&whole);
        assert_eq!(Shelf::resume(&read(&text).unwrap()), Some(Shelf { is_dusty: false, ..whole }), "{text}");
        let empty = write(&Shelf::default());
        assert_eq!(Shelf::resume(&read(&empty).unwrap()), Some(Shelf::default()), "{empty}");
        for (from, to) in [
            ("18446744073709551615", "-1"),
            ("[7,", "[4294967296,"),
            ("[7,", "["),
            ("[1,2]", "[1,\"2\"]"),
            ("\"books\"", "\"boots\""),
            ("{\"a\":1}", "{\"a\":null}"),
        ] {
            assert_eq!(Shelf::resume(&read(&text.replace(from, to)).unwrap()), None, "{from} -> {to}");
        }
        assert_eq!((read("x"), Shelf::resume(&read("[]").unwrap())), (None, None));
    }
}
