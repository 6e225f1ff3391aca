//! Options of `writeFile`, of the entry for Node.

use super::options;
use crate::web::js::error::ApiError;

options! {
    pub struct WriteFileOptions of "writeFile", such as "overwrite";
    overwrite: bool = flag("overwrite") or false,
}
