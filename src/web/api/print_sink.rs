//! Where printers write: a stream of a process, or the console of a page.

use js_sys::Function;
use wasm_bindgen::prelude::*;

use crate::print::Printed;
use crate::web::js::boundary;
use crate::web::js::globals;

/// Where printed text goes.
pub struct Sink {
    /// Something with `write`; none writes lines to the console.
    stream: Option<JsValue>,
}

impl Sink {
    pub fn new(stream: Option<JsValue>) -> Sink {
        let of_process =
            || Some(globals::get(&globals::global("process"), "stderr")).filter(|stream| stream.is_object());
        Sink { stream: stream.or_else(of_process) }
    }

    pub fn is_terminal(&self) -> bool {
        self.stream.as_ref().is_some_and(|stream| globals::get(stream, "isTTY").is_truthy())
    }

    pub fn columns(&self) -> Option<usize> {
        let columns = globals::get(self.stream.as_ref()?, "columns").as_f64()?;
        (columns >= 1.0).then_some(columns as usize)
    }

    pub fn write(&self, printed: Printed) {
        let result = match (&self.stream, printed) {
            (Some(stream), printed) => {
                let text = match printed {
                    Printed::Line(line) => line + "\n",
                    Printed::Terminal(text) => text,
                };
                let write = globals::get(stream, "write").unchecked_into::<Function>();
                write.call1(stream, &JsValue::from_str(&text))
            }
            (None, Printed::Line(text) | Printed::Terminal(text)) => {
                let console = globals::global("console");
                let log = globals::get(&console, "log").unchecked_into::<Function>();
                log.call1(&console, &JsValue::from_str(text.trim_end_matches('\n')))
            }
        };
        if let Err(error) = result {
            boundary::report(&error);
        }
    }
}
