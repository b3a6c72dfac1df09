//! Figures: what was measured, and what it has to reach.

use serde_json::{Value, json};
use std::fmt;

/// What a figure has to reach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bar {
    /// It is only reported.
    None,
    /// It must not be less.
    AtLeast(f64),
    /// It must not be more.
    AtMost(f64),
}

impl Bar {
    fn is_reached(self, value: f64) -> bool {
        match self {
            Self::None => true,
            Self::AtLeast(bar) => value >= bar,
            Self::AtMost(bar) => value <= bar,
        }
    }
}

impl fmt::Display for Bar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => Ok(()),
            Self::AtLeast(bar) => write!(f, "at least {}", short(*bar)),
            Self::AtMost(bar) => write!(f, "at most {}", short(*bar)),
        }
    }
}

/// One figure.
#[derive(Clone, Debug)]
pub struct Figure {
    /// What it measures.
    pub name: String,
    /// How much it is.
    pub value: f64,
    /// Of what.
    pub unit: &'static str,
    /// What it has to reach.
    pub bar: Bar,
}

impl Figure {
    /// A figure that has to reach a bar.
    pub fn new(name: impl Into<String>, value: f64, unit: &'static str, bar: Bar) -> Self {
        Self { name: name.into(), value, unit, bar }
    }

    /// The figure as others read it.
    pub fn json(&self) -> Value {
        json!({"name": self.name, "value": (self.value * 100.0).round() / 100.0, "unit": self.unit})
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let missed = if self.bar.is_reached(self.value) { "" } else { "  missed" };
        let line = format!("{:<36} {:>11} {:<12} {}{missed}", self.name, short(self.value), self.unit, self.bar);
        f.write_str(line.trim_end())
    }
}

/// Three digits are enough for a person.
fn short(value: f64) -> String {
    match value.abs() {
        large if large >= 1000.0 => {
            let digits = format!("{value:.0}");
            let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
            groups.join(",")
        }
        middle if middle >= 100.0 => format!("{value:.0}"),
        middle if middle >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_that_misses_its_bar_says_so() {
        let cases = [
            (151_234.0, Bar::AtLeast(150_000.0), "a 151,234 /s at least 150,000"),
            (99.9, Bar::AtLeast(100.0), "a 99.9 /s at least 100 missed"),
            (2.004, Bar::AtMost(2.0), "a 2.00 /s at most 2.00 missed"),
            (0.5, Bar::None, "a 0.50 /s"),
        ];
        for (value, bar, line) in cases {
            let shown = Figure::new("a", value, "/s", bar).to_string();
            assert_eq!(shown.split_whitespace().collect::<Vec<_>>().join(" "), line);
        }
    }
}
