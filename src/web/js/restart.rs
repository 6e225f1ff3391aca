//! Restarting the module after a trap: see `pkg-template/trap.js`.

use wasm_bindgen::handler::schedule_reinit;
use wasm_bindgen::prelude::*;

/// With `true` the next call makes a new instance first: `restart(true)`, then `restart(false)`. It works in any state
/// that a trap can leave the instance in.
#[wasm_bindgen]
pub fn restart(schedule: bool) {
    if schedule {
        schedule_reinit();
    }
}
