//! Which files a run made, and the names to save them under.
