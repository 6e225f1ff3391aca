//! The bar of `progressPrinter`. `./modules.js` gives its function to the client.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;

use crate::print::bar::Titles;
use crate::print::{Bar, BarStyle};
use crate::web::api::event_view::JsEvent;
use crate::web::api::options::PrinterOptions;
use crate::web::api::print_sink::Sink;
use crate::web::js::globals;
use crate::web::js::json_text;

/// A callback that draws a bar, and its property `finish`. The options are those of `progressPrinter`.
#[wasm_bindgen(js_name = barPrinter)]
pub fn bar_printer(options: JsValue) -> Result<JsValue, JsValue> {
    let PrinterOptions { prompt, event_types, stream, .. } = PrinterOptions::read(options)?;
    let sink = Sink::new(stream);
    let bar = Bar::new(style(&sink, prompt), event_types);
    let state = Rc::new((RefCell::new(bar), sink));
    let finishing = state.clone();
    let print = Closure::<dyn Fn(JsValue)>::new(move |event: JsValue| {
        let (bar, sink) = &*state;
        if let Some(columns) = sink.columns() {
            bar.borrow_mut().resize(columns);
        }
        let printed = bar.borrow_mut().print(&JsEvent(event));
        if let Some(printed) = printed {
            sink.write(printed);
        }
    });
    let finish = Closure::<dyn Fn()>::new(move || {
        let (bar, sink) = &*finishing;
        let printed = bar.borrow_mut().finish();
        if let Some(printed) = printed {
            sink.write(printed);
        }
    });
    let print = print.into_js_value();
    globals::set(print.unchecked_ref(), "finish", &finish.into_js_value());
    Ok(print)
}

fn style(sink: &Sink, prompt: Option<JsValue>) -> BarStyle {
    let terminal = sink.is_terminal();
    BarStyle {
        width: sink.columns().unwrap_or(80),
        colour: terminal && globals::environment("NO_COLOR").is_none(),
        unicode: globals::environment("TERM").as_deref() != Some("linux"),
        redraw: terminal,
        titles: prompt
            .and_then(|prompt| json_text::text(&prompt))
            .map_or_else(Titles::default, |prompt| Titles::of(&prompt)),
    }
}
