//! Properties: what the model has no field for.

use crate::bindings::connector::contract::model::Property;

/// The properties that have a value; they are given by name, then value, each once, and so they stay.
pub fn list<'t>(given: impl IntoIterator<Item = (&'static str, Option<&'t str>)>) -> Vec<Property> {
    let property = |(name, value): (&str, Option<&str>)| {
        let value = value.filter(|value| !value.is_empty())?;
        Some(Property { name: name.into(), value: value.into() })
    };
    let given = given.into_iter();
    let mut list = Vec::with_capacity(given.size_hint().0);
    list.extend(given.filter_map(property));
    debug_assert!(list.is_sorted_by(|a: &Property, b| (&a.name, &a.value) < (&b.name, &b.value)), "{list:?}");
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_without_a_value_are_none() {
        let list = list([("a", Some("9")), ("b", Some("1")), ("b", Some("2")), ("c", None), ("d", Some(""))]);
        let pairs: Vec<_> = list.iter().map(|p| (p.name.as_str(), p.value.as_str())).collect();
        assert_eq!(pairs, [("a", "9"), ("b", "1"), ("b", "2")]);
    }
}
