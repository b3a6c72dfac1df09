//! Vendor records in, model out. Pure: no I/O, no clock, nothing that fails for outside reasons.
