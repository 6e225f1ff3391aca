//! How the options of a call are declared.

/// Declares the options of one call, or a group of options that several calls share (`pub group`).
///
/// ```text
/// options! {
///     pub struct SubmitOptions of "submit", such as "serverUrl", with server: ServerOptions;
///     wait: bool = flag("wait") or false,
///     …
/// }
/// ```
///
/// `flag` is the method of `OptionReader` that reads the option, `or` its default. `read` refuses what is no object, an
/// unknown name and a wrong value.
macro_rules! options {
    (
        $(#[$doc:meta])*
        pub group $name:ident;
        $($(#[$field_doc:meta])*
        $field:ident: $type:ty = $read:ident($option:literal $(, $more:expr)*) $(or $default:expr)?,)*
    ) => {
        $(#[$doc])*
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
        }

        impl $name {
            pub(super) const NAMES: &[&str] = &[$($option),*];

            pub(super) fn read(options: &crate::web::api::options::reader::OptionReader) -> $name {
                $name { $($field: options.$read($option $(, $more)*) $(.unwrap_or($default))?,)* }
            }
        }
    };
    (
        $(#[$doc:meta])*
        pub struct $name:ident of $call:literal, such as $example:literal $(, with $group:ident: $Group:ty)*;
        $($(#[$field_doc:meta])*
        $field:ident: $type:ty = $read:ident($option:literal $(, $more:expr)*) $(or $default:expr)?,)*
    ) => {
        $(#[$doc])*
        #[allow(dead_code, reason = "what JavaScript reads is only checked here")]
        pub struct $name {
            $(pub $group: $Group,)*
            $($(#[$field_doc])* pub $field: $type,)*
        }

        #[allow(dead_code, reason = "some calls share a struct and name themselves")]
        impl $name {
            pub fn read(object: wasm_bindgen::JsValue) -> Result<$name, ApiError> {
                Self::read_for($call, object)
            }

            /// For another call that takes the same options.
            pub fn read_for(call: &'static str, object: wasm_bindgen::JsValue) -> Result<$name, ApiError> {
                const NAMES: &[&[&str]] = &[$(<$Group>::NAMES,)* &[$($option),*]];
                let options = crate::web::api::options::reader::OptionReader::open(object, call, $example, NAMES)?;
                let read = $name {
                    $($group: <$Group>::read(&options),)*
                    $($field: options.$read($option $(, $more)*) $(.unwrap_or($default))?,)*
                };
                options.finish()?;
                Ok(read)
            }
        }
    };
}
pub(super) use options;
