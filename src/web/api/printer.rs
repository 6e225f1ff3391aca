//! `progressPrinter`: a callback that prints events, to a stream of a process or to the console of a page.

use std::cell::RefCell;

use js_sys::{Array, Function, Object};
use wasm_bindgen::prelude::*;

use crate::print::bar::Titles;
use crate::print::{self, BarStyle, EventView, Field, Format, Printed, Printer};
use crate::web::api::options::PrinterOptions;
use crate::web::js::boundary;
use crate::web::js::error::{ApiError, capitalised};
use crate::web::js::globals;
use crate::web::js::json_text;

/// A callback that prints every event it is given: `{ format, raw, eventTypes, stream, prompt }`. Its property `finish`
/// is a function that closes the line of a bar whose run was given up.
#[wasm_bindgen(js_name = progressPrinter)]
pub fn progress_printer(options: JsValue) -> Result<JsValue, JsValue> {
    let PrinterOptions { format, prompt, raw, event_types, stream } = PrinterOptions::read(options)?;
    let sink = Sink::new(stream);
    let format = match format.as_deref() {
        Some("json") => Format::Json,
        Some("bar") => Format::Bar(sink.bar_style(prompt)),
        Some(template) => Format::Template(template.to_owned()),
        None if sink.is_terminal() && !raw => Format::Bar(sink.bar_style(prompt)),
        None => Format::Json,
    };
    let printer = Printer::new(print::Options { format, raw, event_types })
        .map_err(|error| ApiError::bad_input(capitalised(&error) + "."))?;
    let state = std::rc::Rc::new((RefCell::new(printer), sink));
    let finishing = state.clone();
    let print = Closure::<dyn Fn(JsValue)>::new(move |event: JsValue| {
        let (printer, sink) = &*state;
        if let Some(columns) = sink.columns() {
            printer.borrow_mut().resize(columns);
        }
        if let Some(printed) = printer.borrow_mut().print(&JsEvent(event)) {
            sink.write(printed);
        }
    });
    let finish = Closure::<dyn Fn()>::new(move || {
        if let Some(printed) = finishing.0.borrow_mut().finish() {
            finishing.1.write(printed);
        }
    });
    let print = print.into_js_value();
    globals::set(print.unchecked_ref(), "finish", &finish.into_js_value());
    Ok(print)
}

/// Where printed text goes.
struct Sink {
    /// Something with `write`; none writes lines to the console.
    stream: Option<JsValue>,
}

impl Sink {
    fn new(stream: Option<JsValue>) -> Sink {
        let of_process =
            || Some(globals::get(&globals::global("process"), "stderr")).filter(|stream| stream.is_object());
        Sink { stream: stream.or_else(of_process) }
    }

    fn is_terminal(&self) -> bool {
        self.stream.as_ref().is_some_and(|stream| globals::get(stream, "isTTY").is_truthy())
    }

    fn columns(&self) -> Option<usize> {
        let columns = globals::get(self.stream.as_ref()?, "columns").as_f64()?;
        (columns >= 1.0).then_some(columns as usize)
    }

    fn bar_style(&self, prompt: Option<JsValue>) -> BarStyle {
        let terminal = self.is_terminal();
        BarStyle {
            width: self.columns().unwrap_or(80),
            colour: terminal && globals::environment("NO_COLOR").is_none(),
            unicode: globals::environment("TERM").as_deref() != Some("linux"),
            redraw: terminal,
            titles: prompt
                .and_then(|prompt| json_text::text(&prompt))
                .map_or_else(Titles::default, |prompt| Titles::of(&prompt)),
        }
    }

    fn write(&self, printed: Printed) {
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

/// An event as JavaScript has it.
struct JsEvent(JsValue);

impl JsEvent {
    fn at(&self, path: &str) -> JsValue {
        match path {
            "" => self.0.clone(),
            _ => path.split('.').fold(self.0.clone(), |value, key| globals::get(&value, key)),
        }
    }
}

impl EventView for JsEvent {
    fn field(&self, path: &str) -> Field {
        let value = self.at(path);
        if let Some(text) = value.as_string() {
            Field::Text(text)
        } else if let Some(number) = value.as_f64() {
            Field::Number(number)
        } else if let Some(flag) = value.as_bool() {
            Field::Bool(flag)
        } else if Array::is_array(&value) {
            Field::List(value.unchecked_ref::<Array>().length() as usize)
        } else if value.is_object() {
            Field::Object
        } else {
            Field::Absent
        }
    }

    fn json(&self, path: &str) -> Option<String> {
        let value = self.at(path);
        if !path.is_empty() || !value.is_object() {
            return json_text::text(&value);
        }
        let event = Object::assign(&Object::new(), value.unchecked_ref());
        let _ = js_sys::Reflect::delete_property(&event, &JsValue::from_str("raw"));
        let image = globals::get(&globals::get(&value, "data"), "image");
        if image.is_object() {
            let data = Object::assign(&Object::new(), globals::get(&value, "data").unchecked_ref());
            let summary = Object::new();
            globals::set(&summary, "size", &globals::get(&image, "size"));
            globals::set(&summary, "type", &globals::get(&data, "mime_type"));
            globals::set(&data, "image", &summary);
            globals::set(&event, "data", &data);
        }
        json_text::text(&event)
    }
}
