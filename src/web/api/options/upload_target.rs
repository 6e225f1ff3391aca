//! Options of every upload.

use crate::files::safe;
use crate::web::api::options::declare::options;
use crate::web::api::options::reader::OptionReader;

/// Folders of a server.
pub const FOLDERS: [&str; 3] = ["input", "temp", "output"];

options! {
    /// Where on the server a file goes.
    pub group UploadTarget;
    name: Option<String> = file_name("name"),
    /// `"input"`, `"temp"` or `"output"`.
    folder: Option<String> = folder("type"),
    subfolder: Option<String> = subfolder("subfolder"),
    /// Replace a file of that name.
    overwrite: bool = flag("overwrite") or false,
}

impl OptionReader {
    fn folder(&self, name: &str) -> Option<String> {
        let folder = self.text(name)?;
        if !FOLDERS.contains(&&*folder) {
            self.wrong(name, "\"input\", \"temp\" or \"output\"");
        }
        Some(folder)
    }

    fn subfolder(&self, name: &str) -> Option<String> {
        self.inside(name, "a path below the server's folder, such as \"batch/1\"")
    }

    fn file_name(&self, name: &str) -> Option<String> {
        self.inside(name, "the name of a file, such as \"cat.png\": it stays in its folder")
    }

    /// A path that leaves the folder is refused here, because the server's refusal has no message.
    fn inside(&self, name: &str, wanted: &str) -> Option<String> {
        let path = self.text(name)?;
        if safe::escapes_root(&path) {
            self.wrong(name, wanted);
        }
        Some(path)
    }
}
