//! Packs with few rules.

use crate::workflow::packs::table::{SENT, Table, UNSENT, fixed, unset_button, widget};

/// AnimateDiff-Evolved (`comfyui-animatediff-evolved`), 1.5.6; `web/js/gif_preview.js`, `autosize.js`. Warnings and sizes
/// are inputs that take a place and are not sent.
pub(crate) static ANIMATE_DIFF: Table = Table {
    name: "comfyui-animatediff-evolved",
    custom_widgets: &[("ADEWARN", UNSENT), ("ADEAUTOSIZE", UNSENT)],
    ..Table::EMPTY
};

/// mtb (`comfy-mtb`), 0.6.0; `web/mtb_widgets.js`, `note_plus.js`, `curve_widget.js`.
pub(crate) static MTB: Table = Table {
    name: "comfy-mtb",
    virtual_types: &["Note Plus (mtb)"],
    custom_widgets: &[("MTB_COLOR", SENT), ("COLOR", SENT), ("FLOAT_CURVE", SENT)],
    widgets: &[
        (
            &["Animation Builder (mtb)"],
            &[
                fixed("value_preview", "\"\""),
                fixed("loop_preview", "\"\""),
                widget("Reset", "\"reset\""),
                widget("Queue", "\"queue\""),
                widget("Cancel", "\"cancel\""),
            ],
        ),
        (&["Interpolate Clip Sequential (mtb)"], &[widget("+", "\"add\""), widget("-", "\"remove\"")]),
    ],
    ..Table::EMPTY
};

/// Ollama (`comfyui-ollama`), 2.1.0; `web/js/OllamaNode.js`.
pub(crate) static OLLAMA: Table = Table {
    name: "comfyui-ollama",
    widgets: &[(&["OllamaConnectivityV2"], &[unset_button("🔄 Reconnect")])],
    ..Table::EMPTY
};

/// RMBG (`comfyui-rmbg`), 2.9; `js/colorwidget.js`.
pub(crate) static RMBG: Table = Table { name: "comfyui-rmbg", custom_widgets: &[("COLORCODE", SENT)], ..Table::EMPTY };
