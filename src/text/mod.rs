//! Text made from values: Python's replacement fields (`{name:>8.1f}`), and text that is safe and measured for a
//! terminal. Progress templates and file name patterns are both written in it, as in the Python twin of this package.

pub mod columns;
pub mod index;
pub mod nearest;
pub mod number;
pub mod spec;
pub mod template;
pub mod work;
