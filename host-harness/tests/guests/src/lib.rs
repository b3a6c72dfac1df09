//! Shared by the guests.
