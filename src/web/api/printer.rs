//! `progressPrinter`: a callback that prints events. Lines are printed here; a bar is part of the converter, so that it does
//! not weigh on pages.

use std::cell::RefCell;

use wasm_bindgen::prelude::*;

use crate::print::{self, Format, LinePrinter, Printed};
use crate::web::api::event_view::JsEvent;
use crate::web::api::options::PrinterOptions;
use crate::web::api::print_sink::Sink;
use crate::web::js::error::{ApiError, capitalised};
use crate::web::js::globals;

#[wasm_bindgen(raw_module = "./modules.js", js_namespace = modules)]
extern "C" {
    /// `barPrinter` of the converter, which is loaded where it is not there yet.
    #[wasm_bindgen(catch, js_name = barPrinter)]
    fn bar_printer(options: &JsValue) -> Result<JsValue, JsValue>;
}

/// On a terminal, where the program has the converter.
fn bar_printer_by_default(sink: &Sink, raw: bool, options: &JsValue) -> Option<JsValue> {
    if sink.is_terminal() && !raw { bar_printer(options).ok() } else { None }
}

/// A callback that prints every event it is given: `{ format, raw, eventTypes, stream, prompt }`. Its property `finish`
/// is a function that closes the line of a bar whose run was given up.
#[wasm_bindgen(js_name = progressPrinter)]
pub fn progress_printer(options: JsValue) -> Result<JsValue, JsValue> {
    let PrinterOptions { format, prompt: _, raw, event_types, stream } = PrinterOptions::read(options.clone())?;
    let sink = Sink::new(stream);
    let format = match format.as_deref() {
        Some("bar") => return bar_printer(&options),
        Some("json") => Format::Json,
        None => match bar_printer_by_default(&sink, raw, &options) {
            Some(printer) => return Ok(printer),
            None => Format::Json,
        },
        Some(template) => Format::Template(template.to_owned()),
    };
    let printer = LinePrinter::new(print::Options { format, raw, event_types })
        .map_err(|error| ApiError::bad_input(capitalised(&error) + "."))?;
    let printer = RefCell::new(printer);
    let print = Closure::<dyn Fn(JsValue)>::new(move |event: JsValue| {
        let line = printer.borrow_mut().print(&JsEvent(event));
        if let Some(line) = line {
            sink.write(Printed::Line(line));
        }
    });
    let print = print.into_js_value();
    let finish = Closure::<dyn Fn()>::new(|| {});
    globals::set(print.unchecked_ref(), "finish", &finish.into_js_value());
    Ok(print)
}
