//! What policies mean.

use super::check;

#[test]
fn a_block_wins_over_an_unmet_requirement() {
    check(
        "
  - { name: a, require: [passkey] }
  - { name: b, when: { network: clinic-wan }, block: closed }
  - { name: c, when: { network: clinic-wan }, block: closed }",
        "
  - { name: t, given: { ip: 203.0.113.9 }, expect: block, by: [c, b], unmet: [] }
  - { name: u, given: { ip: 203.0.114.9 }, expect: challenge, by: a, unmet: passkey }",
    );
}

#[test]
fn without_a_valid_grant_nothing_else_is_said() {
    let policies = "
  - { name: a, block: closed }
  - { name: b, state: report-only, block: closed }";
    for grant in ["none", "expired", "not-yet", "suspended"] {
        check(
            policies,
            &format!(
                "  - {{ name: t, given: {{ grant: {grant} }}, expect: not-assigned, by: [], unmet: [], report-only: [], holds-until: never }}"
            ),
        );
    }
}

#[test]
fn what_is_unknown_counts_against_the_request() {
    check(
        "
  - { name: when, when: { network: clinic-wan }, block: closed }
  - { name: unless, unless: { network: clinic-wan }, require: [totp] }
  - { name: header, when: { header: { x-zone: inner } }, require: [passkey] }
  - { name: not, when: { not: { network: clinic-wan } }, require: [client-certificate] }",
        "
  - { name: nothing known, expect: block, by: when }
  - { name: no header, given: { ip: 203.0.113.1, headers: {} }, expect: block, by: when }
  - { name: elsewhere, given: { ip: 192.0.2.1, headers: { X-Zone: inner } }, expect: challenge, by: [unless, header, not] }
  - { name: elsewhere without, given: { ip: 192.0.2.1, headers: {} }, expect: challenge, by: [unless, not] }",
    );
}

#[test]
fn what_the_directory_does_not_hold_is_absent() {
    check(
        "
  - { name: a, for: { attribute: { clinic: [north, south] } }, block: closed }
  - { name: b, for: { role: reader }, block: closed }
  - { name: c, for: { invited-by: boss@clinic.example }, block: closed }
  - { name: d, unless: { group: locum }, require: [totp] }",
        "
  - { name: nothing, expect: challenge, by: d }
  - { name: group, given: { groups: [x, locum] }, expect: allow }
  - { name: attribute, given: { attributes: { clinic: [east, south] } }, expect: block, by: a }
  - { name: other value, given: { attributes: { clinic: east }, groups: locum }, expect: allow }
  - { name: role, given: { role: reader }, expect: block, by: b }
  - { name: sponsor, given: { invited-by: Boss@Clinic.Example }, expect: block, by: c }",
    );
}

#[test]
fn people_are_told_apart_by_kind_address_and_organisation() {
    check(
        "
  - { name: guests, for: { kind: guest }, session: { idle: 30m } }
  - { name: partner, for: { email: 'A*+x@PARTNER.example' }, session: { idle: 29m } }
  - { name: below, for: { organization: '*.partner.example' }, session: { idle: 28m } }
  - { name: exact, for: { organization: [bücher.example], except: { email: eve@bücher.example } }, session: { idle: 27m } }
  - { name: mixed, for: { any: [{ group: a }, { all: [{ group: b }, { not: { group: c } }] }] }, session: { idle: 26m } }
  - { name: all, session: { idle: 2h } }",
        "
  - { name: guest, given: { guest: b@p.example }, session: { idle: 1800s } }
  - { name: member, given: { member: b@p.example }, session: { idle: 120m } }
  - { name: email, given: { guest: ann+x@partner.example }, session: { idle: 29m } }
  - { name: not so, given: { guest: ann@partner.example }, session: { idle: 30m } }
  - { name: below, given: { guest: b@x.y.partner.example }, session: { idle: 28m } }
  - { name: not below, given: { guest: b@xpartner.example }, session: { idle: 30m } }
  - { name: not itself, given: { guest: b@partner.example }, session: { idle: 30m } }
  - { name: a-label, given: { guest: b@xn--bcher-kva.example }, session: { idle: 27m } }
  - { name: except, given: { guest: eve@xn--bcher-kva.example }, session: { idle: 30m } }
  - { name: any, given: { groups: a }, session: { idle: 26m } }
  - { name: all, given: { groups: [b] }, session: { idle: 26m } }
  - { name: not, given: { groups: [b, c] }, session: { idle: 30m } }",
    );
}

#[test]
fn get_covers_head_and_all_other_methods_are_exact() {
    check(
        "
  - { name: g, when: { method: GET, path: /g }, block: closed }
  - { name: h, when: { method: [HEAD, PATCH], path: /h }, block: closed }",
        "
  - { name: 1, request: GET /g, expect: block }
  - { name: 2, request: HEAD /g, expect: block }
  - { name: 3, request: OPTIONS /g, expect: allow }
  - { name: 4, request: GET /h, expect: allow }
  - { name: 5, request: HEAD /h, expect: block }
  - { name: 6, request: PATCH /h/?q, expect: block }",
    );
}

#[test]
fn headers_are_found_by_any_line_and_any_letter_case_of_the_name() {
    check(
        "  - { name: a, when: { header: { X-Tool: ['bot*', '*/crawl'], x-two: '*' } }, block: closed }",
        "
  - { name: 1, given: { headers: { x-tool: [ok, bot-7], X-TWO: '' } }, expect: block }
  - { name: 2, given: { headers: { x-tool: Bot-7, x-two: a } }, expect: allow }
  - { name: 3, given: { headers: { x-tool: bot } }, expect: allow }
  - { name: 4, given: { headers: { x-tool: /x/crawl, x-two: a } }, expect: block }",
    );
}

#[test]
fn networks_are_named_listed_and_written_out() {
    check(
        "
  - { name: a, when: { network: [branch, 10.1.0.0/16, '2001:db8:1::/48'] }, session: { idle: 1m } }
  - { name: b, when: { network: listed }, session: { idle: 2m } }",
        "
  - { name: 1, given: { ip: 198.51.100.7 }, session: { idle: 1m } }
  - { name: 2, given: { ip: '::ffff:10.1.255.255' }, session: { idle: 1m } }
  - { name: 3, given: { ip: '2001:db8:1:ffff::' }, session: { idle: 1m } }
  - { name: 4, given: { ip: 192.0.2.127 }, session: { idle: 2m } }
  - { name: 5, given: { ip: '2001:db8:bad::1' }, session: { idle: 2m } }
  - { name: 6, given: { ip: 192.0.2.128 }, expect: allow, holds-until: never }",
    );
}

#[test]
fn hours_are_half_open_and_days_and_exceptions_are_those_of_the_zone() {
    check(
        "  - { name: a, unless: { schedule: clinic-hours }, block: closed }",
        "
  - { name: before, given: { at: 2026-01-14T05:59:59.999Z }, expect: block, holds-until: 2026-01-14T06:00:00Z }
  - { name: begin, given: { at: 2026-01-14T06:00:00Z }, expect: allow, holds-until: 2026-01-14T18:00:00Z }
  - { name: end, given: { at: 2026-01-14T18:00:00Z }, expect: block, holds-until: 2026-01-15T06:00:00Z }
  - { name: friday, given: { at: 2026-01-16T18:00:00Z }, expect: block, holds-until: 2026-01-19T06:00:00Z }
  - { name: summer, given: { at: 2026-07-14T05:00:00Z }, expect: allow, holds-until: 2026-07-14T17:00:00Z }
  - { name: holiday, given: { at: 2026-12-24T10:00:00Z }, expect: block, holds-until: 2026-12-28T06:00:00Z }
  - { name: words, given: { at: 'mon 07:00' }, expect: allow, holds-until: 2026-01-19T18:00:00Z }
  - { name: words before the default, given: { at: 'wed 12:59' }, expect: allow, holds-until: 2026-01-21T18:00:00Z }
  - { name: words of the default, given: { at: 'wed 13:00' }, expect: allow, holds-until: 2026-01-14T18:00:00Z }",
    );
}

#[test]
fn a_span_over_midnight_belongs_to_the_day_on_which_it_starts() {
    // Friday to Monday, 22 to 6 o'clock, but not the one that starts on Saturday, 17 January.
    check(
        "  - { name: a, when: { schedule: night }, block: closed }",
        "
  - { name: friday evening, given: { at: 2026-01-16T21:00:00Z }, expect: block, holds-until: 2026-01-17T05:00:00Z }
  - { name: saturday morning, given: { at: 2026-01-17T04:59:00Z }, expect: block }
  - { name: saturday evening, given: { at: 2026-01-17T21:00:00Z }, expect: allow, holds-until: 2026-01-18T21:00:00Z }
  - { name: sunday morning, given: { at: 2026-01-18T02:00:00Z }, expect: allow }
  - { name: tuesday morning, given: { at: 2026-01-20T04:00:00Z }, expect: block, holds-until: 2026-01-20T05:00:00Z }
  - { name: tuesday evening, given: { at: 2026-01-20T22:00:00Z }, expect: allow, holds-until: 2026-01-23T21:00:00Z }",
    );
}

#[test]
fn a_skipped_hour_never_comes_and_a_repeated_one_counts_twice() {
    // On 29 March 2026 two o'clock is skipped; on 25 October it comes twice.
    check(
        "  - { name: a, when: { schedule: small-hours }, block: closed }",
        "
  - { name: before the gap, given: { at: 2026-03-29T00:59:59Z }, expect: allow, holds-until: 2026-03-30T00:00:00Z }
  - { name: behind the gap, given: { at: 2026-03-29T01:00:00Z }, expect: allow }
  - { name: first time, given: { at: 2026-10-25T00:00:00Z }, expect: block, holds-until: 2026-10-25T02:00:00Z }
  - { name: second time, given: { at: 2026-10-25T01:30:00Z }, expect: block, holds-until: 2026-10-25T02:00:00Z }",
    );
}

#[test]
fn before_after_and_guest_for_are_half_open() {
    check(
        "
  - { name: b, when: { before: 2026-01-14T12:00:01Z, path: /b }, block: closed }
  - { name: a, when: { after: 2026-01-14T12:00:00Z, path: /a }, block: closed }
  - { name: new, when: { guest-for: '< 7d', path: /n }, block: closed }
  - { name: old, when: { guest-for: '> 90d', path: /o }, block: closed }",
        "
  - { name: 1, request: GET /b, expect: block, holds-until: 2026-01-14T12:00:01Z }
  - { name: 2, request: GET /b, given: { at: 2026-01-14T12:00:01Z }, expect: allow }
  - { name: 3, request: GET /a, expect: block, holds-until: never }
  - { name: 4, request: GET /a, given: { at: 2026-01-14T11:59:59Z }, expect: allow, holds-until: 2026-01-14T12:00:00Z }
  - { name: 5, request: GET /n, given: { guest-for: 6d }, expect: block, holds-until: 2026-01-15T12:00:00Z }
  - { name: 6, request: GET /n, given: { guest-for: 7d }, expect: allow }
  - { name: 7, request: GET /o, given: { guest-for: 89d }, expect: allow, holds-until: 2026-01-15T12:00:00Z }
  - { name: 8, request: GET /o, given: { guest-for: 90d }, expect: block }",
    );
}

#[test]
fn requirements_are_met_by_the_factors_that_the_specification_names() {
    check(
        "
  - { name: m, when: { path: /mfa }, require: mfa }
  - { name: e, when: { path: /email }, require: email-code }
  - { name: p, when: { path: /resistant }, require: phishing-resistant }
  - { name: t, when: { path: /two }, require: two-factor }
  - { name: f, when: { path: /fed }, require: [{ federated: contoso }] }
  - { name: o, when: { path: /any }, require: [{ any: [totp, { fresh-sign-in: 60m }] }] }
  - { name: x, when: { path: /exact, signed-in-with: email-code }, block: closed }",
        "
  - { name: mailbox twice, request: GET /mfa, given: { signed-in-with: [email-code, magic-link] }, expect: challenge, unmet: mfa }
  - { name: two kinds, request: GET /mfa, given: { signed-in-with: [email-code, totp] }, expect: allow }
  - { name: recovery is totp, request: GET /mfa, given: { signed-in-with: [totp, recovery-code] }, expect: challenge }
  - { name: providers are one kind, request: GET /mfa, given: { signed-in-with: ['federated:a', 'federated:b'] }, expect: challenge }
  - { name: claim, request: GET /mfa, given: { signed-in-with: 'federated-mfa:a' }, expect: allow }
  - { name: passkey alone, request: GET /mfa, given: { signed-in-with: passkey }, expect: allow }
  - { name: certificate, request: GET /mfa, given: { signed-in-with: [client-certificate, email-code] }, expect: allow }
  - { name: link for code, request: GET /email, given: { signed-in-with: magic-link }, expect: allow }
  - { name: other for code, request: GET /email, given: { signed-in-with: totp }, expect: challenge, unmet: [email-code] }
  - { name: one of, request: GET /resistant, given: { signed-in-with: client-certificate }, expect: allow }
  - { name: none of, request: GET /resistant, expect: challenge, unmet: phishing-resistant }
  - { name: link in strength, request: GET /two, given: { signed-in-with: [magic-link, totp] }, expect: allow }
  - { name: half, request: GET /two, given: { signed-in-with: totp }, expect: challenge, unmet: two-factor }
  - { name: provider, request: GET /fed, given: { signed-in-with: 'federated-mfa:contoso' }, expect: allow }
  - { name: other provider, request: GET /fed, given: { signed-in-with: 'federated:fabrikam' }, expect: challenge, unmet: { federated: contoso } }
  - { name: any, request: GET /any, given: { signed-in-with: { totp: 3h } }, expect: allow, holds-until: never }
  - { name: any by time, request: GET /any, given: { signed-in-with: { email-code: 59m } }, expect: allow, holds-until: 2026-01-14T12:01:00Z }
  - { name: none of any, request: GET /any, given: { signed-in-with: { email-code: 1h } }, expect: challenge, unmet: { any: [totp, { fresh-sign-in: 1h }] } }
  - { name: exact, request: GET /exact, expect: block }
  - { name: a link is no code here, request: GET /exact, given: { signed-in-with: magic-link }, expect: allow }",
    );
}

#[test]
fn an_age_that_equals_its_limit_is_over_and_a_certificate_is_no_new_sign_in() {
    check(
        "
  - { name: a, require: { fresh-sign-in: 15m } }
  - { name: b, session: { sign-in-frequency: 900s } }",
        "
  - { name: 1, given: { signed-in-with: { email-code: 14m } }, expect: allow, holds-until: 2026-01-14T12:01:00Z }
  - { name: 2, given: { signed-in-with: { email-code: 15m } }, expect: challenge, by: [a, b], unmet: { fresh-sign-in: 15m }, holds-until: never }
  - { name: 3, given: { signed-in-with: { email-code: 15m, totp: 5m } }, expect: allow, holds-until: 2026-01-14T12:10:00Z }
  - { name: 4, given: { signed-in-with: { email-code: 1d, client-certificate: 0s } }, expect: challenge }",
    );
}

#[test]
fn the_strictest_session_limit_wins_and_read_only_withholds_writes() {
    check(
        "
  - { name: a, session: { idle: 2h, persistent: true } }
  - { name: b, session: { idle: 90m, lifetime: 8h, persistent: false } }
  - { name: c, for: { role: reader }, session: { read-only: true, idle: 3h } }
  - { name: d, state: report-only, for: { group: g }, session: { read-only: true, idle: 1m } }",
        "
  - { name: 1, expect: allow, session: { idle: 90m, lifetime: 480m, persistent: false, read-only: false } }
  - { name: 2, given: { role: reader }, request: HEAD /, expect: allow, session: { read-only: true } }
  - { name: 3, given: { role: reader }, request: POST /, expect: block, by: c, session: { idle: 90m } }
  - { name: 4, given: { role: reader, client: websocket }, request: GET /, expect: block, by: c }
  - { name: 5, given: { groups: g }, request: PUT /, expect: allow, report-only: d, session: { idle: 90m } }
  - { name: 6, given: { groups: g }, expect: allow, report-only: [] }",
    );
}

#[test]
fn report_only_policies_are_listed_beside_a_real_decision_and_never_act() {
    check(
        "
  - { name: acts, when: { path: /x }, block: closed }
  - { name: r, state: report-only, require: passkey }
  - { name: q, state: report-only, unless: { network: clinic-wan }, block: closed }
  - { name: z, state: off, block: closed }",
        "
  - { name: 1, given: { ip: 203.0.113.1 }, expect: allow, report-only: r }
  - { name: 2, given: { ip: 203.0.114.1, signed-in-with: passkey }, request: GET /x, expect: block, by: acts, report-only: [q] }",
    );
}
