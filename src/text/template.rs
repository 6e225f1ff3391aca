//! `{name}` and `{name:spec}` in a text, `{{` and `}}` for the braces themselves.

use crate::text::spec::Spec;

/// A piece of a template.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// Literal text, its braces unescaped.
    Literal(String),
    /// A replacement field.
    Field {
        /// The part before the colon.
        name: String,
        /// Its format.
        spec: Spec,
    },
}

/// Parses a template. The error is a sentence that quotes the wrong part.
pub fn parse(template: &str) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut literal = String::new();
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        literal.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix(brace) {
            literal.push_str(brace);
            rest = after;
            continue;
        }
        if brace == "}" {
            return Err(format!("a single `}}` in `{template}`; write `}}}}` for the brace itself"));
        }
        let Some(end) = rest.find(['{', '}']).filter(|end| rest[*end..].starts_with('}')) else {
            return Err(format!("`{{{rest}` in `{template}` is not closed; write `{{{{` for the brace itself"));
        };
        let (name, spec) = rest[..end].split_once(':').unwrap_or((&rest[..end], ""));
        if !literal.is_empty() {
            parts.push(Part::Literal(std::mem::take(&mut literal)));
        }
        parts.push(Part::Field { name: name.to_owned(), spec: Spec::parse(spec)? });
        rest = &rest[end + 1..];
    }
    literal.push_str(rest);
    if !literal.is_empty() {
        parts.push(Part::Literal(literal));
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, spec: &str) -> Part {
        Part::Field { name: name.into(), spec: Spec::parse(spec).unwrap() }
    }

    fn literal(text: &str) -> Part {
        Part::Literal(text.into())
    }

    #[test]
    fn fields_and_text_alternate() {
        let parts = parse("{node_current} {node_progress}% of {nodes_progress:.0%}").unwrap();
        assert_eq!(
            parts,
            [
                field("node_current", ""),
                literal(" "),
                field("node_progress", ""),
                literal("% of "),
                field("nodes_progress", ".0%")
            ]
        );
        assert_eq!(parse("").unwrap(), []);
        assert_eq!(parse("é").unwrap(), [literal("é")]);
    }

    #[test]
    fn doubled_braces_stand_for_themselves() {
        assert_eq!(parse("{{{a}}}").unwrap(), [literal("{"), field("a", ""), literal("}")]);
        assert_eq!(parse("}}{{").unwrap(), [literal("}{")]);
    }

    #[test]
    fn what_is_not_closed_is_an_error_that_shows_it() {
        assert!(parse("a {b").unwrap_err().contains("`{b` in `a {b` is not closed"));
        assert!(parse("a {b{c}}").unwrap_err().contains("not closed"));
        assert!(parse("50}").unwrap_err().contains("a single `}`"));
        assert!(parse("{a:.f}").unwrap_err().contains("`.f`"));
    }
}
