//! Properties: what the model has no field for.

use crate::bindings::connector::contract::model::Property;

/// The properties that have a value, by name, then value, each once.
pub fn list<'t>(given: impl IntoIterator<Item = (&'static str, Option<&'t str>)>) -> Vec<Property> {
    let property = |(name, value): (&str, Option<&str>)| {
        let value = value.filter(|value| !value.is_empty())?;
        Some(Property { name: name.into(), value: value.into() })
    };
    let given = given.into_iter();
    let mut list = Vec::with_capacity(given.size_hint().0);
    list.extend(given.filter_map(property));
    list.sort_unstable_by(|a: &Property, b: &Property| (&a.name, &a.value).cmp(&(&b.name, &b.value)));
    list.dedup();
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_are_sorted_and_unique_and_never_empty() {
        let list = list([
            ("b", Some("2")),
            ("c", None),
            ("a", Some("9")),
            ("b", Some("1")),
            ("b", Some("2")),
            ("d", Some("")),
        ]);
        let pairs: Vec<_> = list.iter().map(|p| (p.name.as_str(), p.value.as_str())).collect();
        assert_eq!(pairs, [("a", "9"), ("b", "1"), ("b", "2")]);
    }
}
