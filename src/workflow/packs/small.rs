//! Packs with few rules.

use crate::workflow::packs::table::{SENT, Table, UNSENT, button, fixed, hidden, text, unset_button, widget};

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

/// essentials (`comfyui_essentials`), 1.1.0; `js/FluxAttentionSeeker.js`.
pub(crate) static ESSENTIALS: Table = Table {
    name: "comfyui_essentials",
    widgets: &[
        (&["FluxAttentionSeeker+"], &[button("RESET ALL"), button("ZERO ALL"), button("REPEAT FIRST")]),
        (&["SD3AttentionSeekerLG+"], &[button("RESET L"), button("RESET G"), button("REPEAT FIRST")]),
        (&["SD3AttentionSeekerT5+"], &[button("RESET ALL"), button("REPEAT FIRST")]),
    ],
    ..Table::EMPTY
};

/// tinyterraNodes (`comfyui_tinyterranodes`), 2.0.11; `js/ttNwidgets.js`. Some nodes show a text of the last run, and send
/// it. The button beside a seed is the last widget and is not sent.
pub(crate) static TINY_TERRA: Table = Table {
    name: "comfyui_tinyterranodes",
    widgets: &[(
        &[
            "ttN textDebug",
            "ttN advPlot range",
            "ttN advPlot string",
            "ttN advPlot combo",
            "ttN debugInput",
            "ttN textOutput",
            "ttN advPlot merge",
        ],
        &[text("display")],
    )],
    ..Table::EMPTY
};

/// LTXVideo (`comfyui-ltxvideo`); `web/js/sparse_track_editor.js`. The editor of tracks takes a place and is not sent.
pub(crate) static LTX_VIDEO: Table = Table {
    name: "comfyui-ltxvideo",
    widgets: &[(&["LTXVSparseTrackEditor"], &[hidden("track_editor")])],
    ..Table::EMPTY
};

/// Crystools (`comfyui-crystools`), 1.27.4; `web/common.js`, `extensions.js`, `debugger.js`. Some nodes show a text of the
/// last run, which takes a place and is not sent. `Show Metadata` exists in the editor only (1.58.1 fails to make it).
pub(crate) static CRYSTOOLS: Table = Table {
    name: "comfyui-crystools",
    virtual_types: &["Show Metadata [Crystools]"],
    widgets: &[(
        &[
            "Show any [Crystools]",
            "Show any to JSON [Crystools]",
            "Read JSON file [Crystools]",
            "JSON extractor [Crystools]",
            "Get resolution [Crystools]",
            "Preview from image [Crystools]",
            "Preview from metadata [Crystools]",
            "Metadata comparator [Crystools]",
            "Stats system [Crystools]",
        ],
        &[hidden("text")],
    )],
    ..Table::EMPTY
};
