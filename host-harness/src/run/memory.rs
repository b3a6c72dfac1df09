//! How much memory an instance may have, over everything in it.

use crate::limits::Limits;
use wasmtime::ResourceLimiter;

/// Core instances, memories and tables of one component; a few belong to each that a toolchain makes.
const PARTS_MAX: usize = 32;

/// Counts the memory and table elements of one instance.
pub struct Memory {
    /// The most it ever had, in bytes.
    pub peak_bytes: usize,
    /// The limit that refused a growth, if one did.
    pub refused: Option<&'static str>,
    bytes: usize,
    bytes_max: usize,
    elements: usize,
    elements_max: usize,
}

impl Memory {
    /// Starts with nothing.
    pub fn new(limits: &Limits) -> Self {
        let (bytes_max, elements_max) = (limits.memory_bytes_max, limits.table_elements_max);
        Self { peak_bytes: 0, refused: None, bytes: 0, bytes_max, elements: 0, elements_max }
    }
}

impl ResourceLimiter for Memory {
    fn memory_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        let bytes = self.bytes.saturating_add(desired.saturating_sub(current));
        if bytes > self.bytes_max {
            self.refused = Some("memory_bytes_max");
            return Ok(false);
        }
        self.bytes = bytes;
        self.peak_bytes = self.peak_bytes.max(bytes);
        Ok(true)
    }

    fn table_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        let elements = self.elements.saturating_add(desired.saturating_sub(current));
        if elements > self.elements_max {
            self.refused = Some("table_elements_max");
            return Ok(false);
        }
        self.elements = elements;
        Ok(true)
    }

    fn instances(&self) -> usize {
        PARTS_MAX
    }

    fn tables(&self) -> usize {
        PARTS_MAX
    }

    fn memories(&self) -> usize {
        PARTS_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_memories_of_an_instance_share_one_bound() {
        let mut memory = Memory::new(&Limits { memory_bytes_max: 100, ..Limits::default() });
        for (current, desired, allowed, refused) in [
            (0, 60, true, None),
            (0, 40, true, None),
            (40, 41, false, Some("memory_bytes_max")),
            (0, usize::MAX, false, Some("memory_bytes_max")),
        ] {
            assert_eq!(memory.memory_growing(current, desired, None).unwrap(), allowed, "{current} to {desired}");
            assert_eq!((memory.refused, memory.peak_bytes <= 100), (refused, true), "{current} to {desired}");
        }
        assert_eq!(memory.peak_bytes, 100);
    }
}
