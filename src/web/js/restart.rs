//! Starting the module anew after a trap: see `pkg-template/trap.js`.

use wasm_bindgen::handler::schedule_reinit;
use wasm_bindgen::prelude::*;

/// With `true` the next call makes a new instance first: `restart(true)`, then `restart(false)`. It must be possible in
/// whichever state a trap has left the instance.
#[wasm_bindgen]
pub fn restart(schedule: bool) {
    if schedule {
        schedule_reinit();
    }
}
