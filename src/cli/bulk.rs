//! `guestgate invite --bulk`: a file of many invitations, sent in parts, with a report about every row that was not done.

use std::io::Read as _;

use anyhow::Context as _;
use hyper::body::Bytes;
use serde_json::{Value, json};

use super::{
    client::{Client, read},
    people::escape,
    print, progress,
    table::print_json,
};

/// How a file is sent.
#[derive(Debug)]
pub(super) struct Bulk<'b> {
    /// The file; `-` is standard input.
    pub(super) file: &'b str,
    /// The apps of rows that name none.
    pub(super) apps: &'b [String],
    /// The template of rows that name neither apps nor a template.
    pub(super) template: Option<&'b str>,
    pub(super) send: bool,
    pub(super) dry_run: bool,
    pub(super) json: bool,
}

/// Rows that are sent at once.
const PART: usize = 500;
/// The report names so many rows that were refused; JSON has all of them.
const NAMED: usize = 50;

/// A file, cut into parts that are sent one after the other.
struct Parts {
    media: &'static str,
    parts: Vec<(Vec<u8>, usize)>,
}

impl Bulk<'_> {
    /// Sends the file and prints what became of its rows. Whether all went well.
    pub(super) async fn run(&self, gateway: &Client) -> anyhow::Result<()> {
        let parts = Parts::of(&self.text()?)?;
        let total: usize = parts.parts.iter().map(|(_, rows)| rows).sum();
        let bar = progress::of(total as u64, "rows");
        let mut path =
            format!("/api/v1/invitations/bulk?dry_run={}&send={}&apps={}", self.dry_run, self.send, escape(&self.apps.join(",")));
        if let Some(template) = self.template {
            path.push_str(&format!("&template={}", escape(template)));
        }
        let (mut items, mut sums, mut before) = (Vec::new(), [0_u64; 3], 0);
        for (body, rows) in parts.parts {
            let reply = gateway.send(http::Method::POST, &path, parts.media, Bytes::from(body)).await?;
            let report = read(&reply).with_context(|| format!("rows from {} on were not sent", before + 1))?;
            for (sum, key) in sums.iter_mut().zip(["invited", "already", "refused"]) {
                *sum += report.get(key).and_then(Value::as_u64).unwrap_or(0);
            }
            let part = report.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
            items.extend(part.into_iter().map(|mut item| {
                item["row"] = json!(item["row"].as_u64().unwrap_or(0) + before as u64);
                item
            }));
            before += rows;
            bar.inc(rows as u64);
        }
        bar.finish_and_clear();
        self.print(&items, sums)
    }

    fn print(&self, items: &[Value], [invited, already, refused]: [u64; 3]) -> anyhow::Result<()> {
        if self.json {
            print_json(&json!({"items": items, "invited": invited, "already": already, "refused": refused}))?;
        } else {
            let wrong: Vec<&Value> = items.iter().filter(|item| item["result"] == "refused").collect();
            for item in wrong.iter().take(NAMED) {
                let text = |key: &str| item[key].as_str().unwrap_or_default().to_owned();
                print::paragraph(&format!("row {} ", item["row"]), &format!("{}: {}", text("email"), text("detail")))?;
            }
            if wrong.len() > NAMED {
                print::line(&format!("… and {} more; `--json` has all of them", wrong.len() - NAMED))?;
            }
            let done = if self.dry_run { "would be invited" } else { "invited" };
            print::line(&format!("{invited} {done}, {already} already, {refused} refused"))?;
        }
        anyhow::ensure!(refused == 0, "{refused} of {} rows were refused", items.len());
        Ok(())
    }

    fn text(&self) -> anyhow::Result<String> {
        if self.file == "-" {
            let mut text = String::new();
            std::io::stdin().lock().read_to_string(&mut text).context("standard input cannot be read")?;
            return Ok(text);
        }
        std::fs::read_to_string(self.file).with_context(|| format!("cannot read `{}`", self.file))
    }
}

impl Parts {
    fn of(text: &str) -> anyhow::Result<Self> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.trim_start().starts_with(['{', '[']) { Self::of_json(text) } else { Self::of_table(text) }
    }

    /// A list of rows, or an object with `rows`.
    fn of_json(text: &str) -> anyhow::Result<Self> {
        let value: Value = serde_json::from_str(text).context("the file is no JSON")?;
        let rows = value.as_array().or_else(|| value.get("rows")?.as_array()).context("the file has no list of rows")?;
        let parts = rows.chunks(PART).map(|part| Ok((serde_json::to_vec(&json!({"rows": part}))?, part.len())));
        Ok(Self { media: "application/json", parts: parts.collect::<anyhow::Result<_>>()? })
    }

    /// Each part of a table begins with its head.
    fn of_table(text: &str) -> anyhow::Result<Self> {
        let text = match text.split_once('\n') {
            Some((first, rest)) if first.to_ascii_lowercase().starts_with("version:") => rest,
            Some(_) | None => text,
        };
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        let head = reader.headers().context("the table cannot be read")?.clone();
        let rows = reader.records().collect::<Result<Vec<_>, _>>().context("the table cannot be read")?;
        let part = |rows: &[csv::StringRecord]| {
            let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
            writer.write_record(&head)?;
            rows.iter().try_for_each(|row| writer.write_record(row))?;
            anyhow::Ok((writer.into_inner()?, rows.len()))
        };
        Ok(Self { media: "text/csv", parts: rows.chunks(PART).map(part).collect::<anyhow::Result<_>>()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_file_is_cut_into_parts_with_the_same_head() {
        let mut text = String::from("version:v1.0,,\nEmail [inviteeEmail],Word\n");
        for n in 0..1_050 {
            text.push_str(&format!("a{n}@partner.example,\"one, {n}\"\n"));
        }
        let parts = Parts::of(&text).unwrap();
        assert_eq!(parts.parts.iter().map(|(_, rows)| *rows).collect::<Vec<_>>(), [500, 500, 50]);
        for (body, _) in &parts.parts {
            assert!(body.starts_with(b"Email [inviteeEmail],Word\n"));
        }
        let rows = Parts::of("[{\"email\": \"a\"}, {\"email\": \"b\"}]").unwrap();
        assert_eq!((rows.media, rows.parts.len(), rows.parts[0].1), ("application/json", 1, 2));
        assert!(Parts::of("{\"none\": 1}").is_err());
    }
}
