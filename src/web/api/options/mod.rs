//! Options of the calls. Each call has its own struct in its own file; groups of options that several calls share are
//! structs too. One line of a struct declares one option: type, how it is read, name, environment variable and default.
//! An option of another call is refused.

mod declare;
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
