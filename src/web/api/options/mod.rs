//! Options of the calls. Each call has a struct of its own, in a file of its own; groups that several calls share are
//! structs too. A line of such a struct has everything that is known of an option: its type, how it is read, its name, the
//! environment variable that stands in for it and its default. An option of another call is refused.

mod reader;

mod client;
mod content;
mod convert;
mod events;
mod fetch_files;
mod fetch_images;
mod follow;
mod load;
mod object_info;
mod pick_up;
mod printer;
mod prompt_upload;
mod save_files;
mod server;
mod submit;
mod upload;
mod upload_file;
mod upload_mask;
mod upload_target;
mod wait;
mod write_file;

pub use client::ClientOptions;
pub use content::ContentOptions;
pub use convert::{ConversionOptions, ConvertOptions};
pub use events::EventsOptions;
pub use fetch_files::FetchFilesOptions;
pub use fetch_images::FetchImagesOptions;
pub use load::LoadOptions;
pub use object_info::ObjectInfoOptions;
pub use pick_up::PickUpOptions;
pub use printer::PrinterOptions;
pub use prompt_upload::PromptUploadOptions;
pub use reader::{did_you_mean, wrong_option};
pub use save_files::SaveFilesOptions;
pub use server::ServerOptions;
pub use submit::SubmitOptions;
pub use upload::UploadOptions;
pub use upload_file::UploadFileOptions;
pub use upload_mask::UploadMaskOptions;
pub use upload_target::{FOLDERS as UPLOAD_FOLDERS, UploadTarget};
pub use wait::WaitOptions;
pub use write_file::WriteFileOptions;

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

            pub(super) fn read(options: &crate::web::api::options::reader::OptionReader) -> Result<$name, ApiError> {
                Ok($name { $($field: options.$read($option $(, $more)*)? $(.unwrap_or($default))?,)* })
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
                Ok($name {
                    $($group: <$Group>::read(&options)?,)*
                    $($field: options.$read($option $(, $more)*)? $(.unwrap_or($default))?,)*
                })
            }
        }
    };
}
use options;
