//! Events as text: progress bars, templates and compact JSON lines.
