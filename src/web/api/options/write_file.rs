//! Options of `writeFile`, of the entry for Node.

use crate::web::api::options::declare::options;
use crate::web::js::error::ApiError;

options! {
    pub struct WriteFileOptions of "writeFile", such as "overwrite";
    overwrite: bool = flag("overwrite") or false,
}
