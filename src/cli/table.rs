//! Answers for people and for programs: tables that read well, or the JSON as it came.

use std::io::{IsTerminal as _, Write as _};

use serde_json::Value;

/// A column: the JSON key, and its heading.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column(pub(crate) &'static str, pub(crate) &'static str);

/// Prints a list (`{"items": […]}`) as a table or as JSON.
pub(crate) fn print_table(answer: &Value, json: bool, columns: &[Column]) -> anyhow::Result<()> {
    if json {
        return print_json(answer);
    }
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    if std::io::stdout().is_terminal() {
        table.set_content_arrangement(comfy_table::ContentArrangement::Dynamic);
    }
    table.set_header(columns.iter().map(|c| c.1.to_uppercase()));
    let items = answer.get("items").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    for item in items {
        table.add_row(columns.iter().map(|c| text(item.get(c.0).unwrap_or(&Value::Null))));
    }
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", table.trim_fmt())?;
    if answer.get("next").is_some_and(|n| !n.is_null()) {
        writeln!(out, "… and more; ask with a larger --limit")?;
    }
    Ok(())
}

/// Prints one thing, a line a key, or as JSON.
pub(crate) fn print_item(answer: &Value, json: bool, columns: &[Column]) -> anyhow::Result<()> {
    if json {
        return print_json(answer);
    }
    let mut out = std::io::stdout().lock();
    for Column(key, heading) in columns {
        if let Some(value) = answer.get(key).filter(|v| !v.is_null()) {
            writeln!(out, "{heading:>14}  {}", text(value))?;
        }
    }
    Ok(())
}

/// Prints JSON as it is, indented.
pub(crate) fn print_json(answer: &Value) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, answer)?;
    writeln!(out)?;
    Ok(())
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect(),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(", "),
        Value::Object(map) => map.values().filter(|v| !v.is_null()).map(text).collect::<Vec<_>>().join(" "),
        other @ (Value::Bool(_) | Value::Number(_)) => other.to_string(),
    }
}
