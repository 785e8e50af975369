//! `policy test`: runs every test, for people, for programs, or as JUnit.

use std::{collections::BTreeMap, path::PathBuf};

use clap::{Args as ClapArgs, ValueEnum};
use serde_json::json;

use super::{
    super::{Ended, Global, print, table::print_json},
    read, refuse,
};
use crate::{
    base::{AppId, Name},
    policy::{Case, CaseResult, ExplainedPolicy, Truth},
};

/// Which tests, and how their results are shown.
#[derive(Debug, ClapArgs)]
pub(crate) struct Test {
    /// The folder of policy files; that of the configuration otherwise
    dir: Option<PathBuf>,
    /// Warnings and policies that no test exercises fail too
    #[arg(long)]
    strict: bool,
    /// How results are shown
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Prints JSON; the same as `--format json`
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

/// How results are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// What failed, in words
    Human,
    /// Everything
    Json,
    /// XML for build servers
    Junit,
}

/// A test and what came of it.
type Ran<'t> = (&'t Case, CaseResult);

impl Test {
    /// Carries it out.
    pub(super) fn run(&self, global: &Global) -> anyhow::Result<Ended> {
        let (set, warnings) = match read(global, self.dir.as_deref())? {
            Err(report) => return refuse(&report),
            Ok(read) => read,
        };
        let ran: Vec<Ran<'_>> = set.cases().iter().filter_map(|case| Some((case, case.run(&set)?))).collect();
        let unexercised = set.unexercised(ran.iter().map(|(case, result)| (*case, result)));
        match if self.json { Format::Json } else { self.format } {
            Format::Human => {
                print::report(&warnings)?;
                human(&ran, &unexercised)?;
            }
            Format::Json => print_json(&as_json(&ran, &unexercised))?,
            Format::Junit => print::line(&junit(&ran))?,
        }
        let strict = self.strict && (!warnings.is_empty() || !unexercised.is_empty());
        let bad = strict || ran.iter().any(|(_, result)| !result.passed());
        Ok(if bad { Ended::Refused } else { Ended::Done })
    }
}

fn human(ran: &[Ran<'_>], unexercised: &[(AppId, Name)]) -> anyhow::Result<()> {
    let mut failed = 0;
    for (case, result) in ran.iter().filter(|(_, result)| !result.passed()) {
        failed += 1;
        print::heading(&format!("{}:{}: {} ({})", case.source.name, case.at.line, case.name, case.app))?;
        for difference in &result.differences {
            print::paragraph("    ", difference)?;
        }
        for policy in telling(case, result) {
            let applies = if policy.applies == Truth::No { "does not apply" } else { "applies" };
            print::paragraph("    why  ", &format!("{} {applies}, {}", policy.name, policy.because))?;
        }
        print::line("")?;
    }
    for (app, policy) in unexercised {
        print::paragraph("", &format!("no test exercises `{policy}` ({app})"))?;
    }
    let bad = failed + unexercised.len();
    print::verdict(&format!("{} passed, {failed} failed", ran.len() - failed), bad == 0)
}

/// The policies that say why something else came: those that acted and those that should have, or all of them where neither is known.
fn telling<'r>(case: &Case, result: &'r CaseResult) -> Vec<&'r ExplainedPolicy> {
    let came = &result.explanation;
    let involved = |name: &Name| [case.expected_by(), &came.by, &came.report_only].iter().any(|list| list.contains(name));
    let told: Vec<&ExplainedPolicy> = came.policies.iter().filter(|policy| involved(&policy.name)).collect();
    if told.is_empty() && came.no_grant.is_none() { came.policies.iter().collect() } else { told }
}

fn as_json(ran: &[Ran<'_>], unexercised: &[(AppId, Name)]) -> serde_json::Value {
    let tests: Vec<_> = ran
        .iter()
        .map(|(case, result)| {
            json!({ "app": case.app, "name": case.name, "file": &*case.source.name, "line": case.at.line,
                "passed": result.passed(), "differences": result.differences })
        })
        .collect();
    let failed = ran.iter().filter(|(_, result)| !result.passed()).count();
    let unexercised: Vec<_> = unexercised.iter().map(|(app, policy)| json!({ "app": app, "policy": policy })).collect();
    json!({ "passed": ran.len() - failed, "failed": failed, "tests": tests, "unexercised": unexercised })
}

/// A suite an app.
fn junit(ran: &[Ran<'_>]) -> String {
    let mut suites: BTreeMap<&AppId, Vec<&Ran<'_>>> = BTreeMap::new();
    for one in ran {
        suites.entry(&one.0.app).or_default().push(one);
    }
    let failures = |list: &[&Ran<'_>]| list.iter().filter(|(_, result)| !result.passed()).count();
    let mut xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n".to_owned();
    for (app, list) in suites {
        xml.push_str(&format!("  <testsuite name=\"{app}\" tests=\"{}\" failures=\"{}\">\n", list.len(), failures(&list)));
        for (case, result) in list {
            let (file, name) = (escaped(&case.source.name), escaped(&case.name));
            xml.push_str(&format!("    <testcase classname=\"{app}\" name=\"{name}\" file=\"{file}\" line=\"{}\"", case.at.line));
            if result.passed() {
                xml.push_str("/>\n");
            } else {
                let text = escaped(&result.differences.join("\n"));
                xml.push_str(&format!(">\n      <failure message=\"{text}\"/>\n    </testcase>\n"));
            }
        }
        xml.push_str("  </testsuite>\n");
    }
    xml.push_str("</testsuites>");
    xml
}

/// Text as an attribute's value. What XML cannot hold becomes a question mark.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('?'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        base::Source,
        policy::{Files, PolicySet, Universe},
    };

    fn ran(text: &str) -> (String, Vec<String>) {
        let files = Files { apps: vec![Source::new("charts.yaml", text)], ..Files::default() };
        let (set, _) = PolicySet::build(&files, &Universe::default()).unwrap();
        let results: Vec<Ran<'_>> = set.cases().iter().map(|case| (case, case.run(&set).unwrap())).collect();
        let unexercised = set.unexercised(results.iter().map(|(case, result)| (*case, result)));
        let names = unexercised.iter().map(|(app, name)| format!("{app}/{name}")).collect();
        (junit(&results), names)
    }

    #[test]
    fn junit_names_every_test_and_says_what_failed() {
        let (xml, _) = ran(
            "app: charts\npolicies: [{ name: a, block: closed }]\ntests:\n  - { name: 'a <b> \"c\" & d', expect: allow }\n  - { name: fine, expect: block }\n",
        );
        assert!(xml.contains("<testsuite name=\"charts\" tests=\"2\" failures=\"1\">"), "{xml}");
        assert!(xml.contains("name=\"a &lt;b&gt; &quot;c&quot; &amp; d\" file=\"charts.yaml\" line=\"4\">"), "{xml}");
        assert!(xml.contains("<failure message=\"decision: expected allow, came block\"/>"), "{xml}");
        assert!(xml.contains("name=\"fine\" file=\"charts.yaml\" line=\"5\"/>"), "{xml}");
    }

    #[test]
    fn a_policy_is_exercised_where_it_applies_in_some_test() {
        let (_, names) = ran("app: charts
policies:
  - { name: a, when: { path: /a }, block: closed }
  - { name: b, when: { path: /b }, block: closed }
  - { name: c, when: { path: /b }, state: report-only, block: closed }
  - { name: d, when: { path: /b }, state: off, block: closed }
tests: [{ name: t, request: GET /a, expect: block }]
");
        assert_eq!(names, ["charts/b", "charts/c"]);
    }
}
