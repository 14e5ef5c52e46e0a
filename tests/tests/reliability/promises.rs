//! The promises of `SECURITY.md`, each with the tests that fail when it is broken. The table there is made from this list.

use std::fmt::Write as _;

use workspace_tests::{cargo, read};

/// Files of this crate's `tests/reliability/`, whose tests the compiler looks up, and files of other test programs, whose
/// tests [`tests_of_other_programs_exist`] looks up.
struct Promise {
    text: &'static str,
    here: &'static [(&'static str, &'static [&'static str])],
    elsewhere: &'static [(&'static str, &'static [&'static str])],
}

macro_rules! promises {
    ($($text:literal {
        $(here $file:literal $module:path { $($test:ident)* })*
        $(elsewhere $other:literal { $($name:ident)* })*
    })*) => {
        const PROMISES: &[Promise] = &[$(Promise {
            text: $text,
            here: &[$(($file, &[$(stringify!($test)),*])),*],
            elsewhere: &[$(($other, &[$(stringify!($name)),*])),*],
        }),*];

        /// A test that is renamed or removed does not compile here.
        #[allow(dead_code, reason = "for the compiler alone")]
        fn exist() {
            $($({
                use $module as tests;
                $(let _ = tests::$test;)*
            })*)*
        }
    };
}

promises! {
    "**Hostile responses: no response makes a client panic, hang or exhaust the memory.** Bodies, headers, compression, nesting, numbers, text, TLS records and HTTP/2 frames of any kind end in a typed error or in correct data, within the limits of time and size. An amount has at most 64 digits on either side of the decimal point, so that a sum takes no longer than reading it" {
        here "hostile/values.rs" crate::hostile::values { nesting any_json_nested_deep text names numbers }
        here "hostile/heads.rs" crate::hostile::heads { lines claims }
        here "hostile/bodies.rs" crate::hostile::bodies { drips }
        here "hostile/pages.rs" crate::hostile::pages { cursors_of_all_kinds numbered_pages_of_all_kinds a_page_of_a_hundred_thousand_lists a_list_without_end_takes_little_memory }
        here "hostile/tables.rs" crate::hostile::tables { tables }
        here "hostile/tokens.rs" crate::hostile::tokens { token_endpoints challenges }
        here "hostile/files.rs" crate::hostile::files { credential_files variables_nested_deep }
        here "fuzz.rs" crate::fuzz { seeds_and_mutations }
        elsewhere "sdk-core/src/value/decimal/tests.rs" { what_is_out_of_range sums_of_what_is_read_have_few_digits }
        elsewhere "sdk-core/tests/pagination/broken.rs" { a_page_of_items_that_do_not_fit_is_read_to_its_end }
        elsewhere "sdk-core/tests/tls/hostile/records.rs" { records_of_tls_1_2 records_of_tls_1_3 }
        elsewhere "sdk-core/tests/tls/hostile/http2/" { streams_that_end frames_out_of_order windows windows_for_a_request heads floods_take_no_memory streams_reset_at_once a_storm_of_shutdowns_is_bounded }
    }
    "**Memory:** a buffered body takes no more memory than its limit and a few buffers, also if it announces more, decompresses to more or cannot be decoded. Decoding it takes at most 8 bytes of list and map entries for each byte of the body, at most 16 with the texts in them, and 1 MiB besides; `items()` decodes one item at a time" {
        here "hostile/bodies.rs" crate::hostile::bodies { endless_bodies_take_no_memory a_refused_body_is_not_read_on small_bodies_do_not_decode_to_large_values a_body_that_is_no_good_is_held_once }
        here "appetite.rs" crate::appetite { worst_shape }
    }
    "**Truncated bodies:** a truncated body is an error and never a short success, and so is a body with an encoding that was not requested. A TLS or HTTP/2 connection that ends in the body truncates it, whatever reason it gives" {
        here "hostile/bodies.rs" crate::hostile::bodies { lengths chunks compression }
        elsewhere "sdk-core/tests/tls/hostile/" { records_of_tls_1_2 records_of_tls_1_3 streams_that_end }
        elsewhere "sdk-core/tests/redirects.rs" { a_coding_that_was_not_asked_for_is_an_error }
    }
    "**Redirects and cookies:** no redirect is followed, no cookie is kept, and unsolicited responses are discarded" {
        here "hostile/heads.rs" crate::hostile::heads { no_redirect_takes_a_credential_along an_answer_too_many_is_nobodys }
        elsewhere "sdk-core/tests/redirects.rs" { no_cookie_is_kept }
    }
    "**TLS:** a server without a trusted certificate receives no request, and neither does one with a version before 1.2. Plain http is only used to this machine, unless the program allows more" {
        elsewhere "sdk-core/tests/tls/hostile/" { certificates handshakes a_client_offers_tls_1_2_and_1_3_and_both_versions_of_http }
        elsewhere "sdk-core/tests/tls/main.rs" { certificates_that_do_not_hold_are_refused_and_not_tried_again verification_is_off_only_where_that_is_asked_for_and_allowed }
    }
    "**Injection: a value stays a value.** An identifier, a filter, a header or a cursor cannot leave its place in the request" {
        here "hostile/requests.rs" crate::hostile::requests { an_identifier_stays_in_its_segment a_query_value_stays_a_value a_header_value_stays_a_value a_cursor_stays_a_value }
    }
    "**Retries: nothing happens twice.** A request that is not idempotent is not sent again after an attempt that may have had its effect" {
        here "matrix.rs" crate::matrix { every_fault_against_every_kind_of_operation }
        here "load.rs" crate::load { ten_thousand_operations }
        elsewhere "sdk-core/tests/retry.rs" { bodies_that_break_off }
    }
    "**Faults:** the tests of retries cover every fault that the sandbox can inject" {
        here "matrix.rs" crate::matrix { no_fault_of_the_sandbox_is_missing }
    }
    "**Pagination: the program gets every record of the service's pages once and in order, or a typed error.** A page that is broken is fetched again, and the records that were handed out are skipped only if they are the same. A record that does not fit its type is an error with its place, and loses no other record. A list that fails can be resumed after the last record, also in another process. A list with page numbers that changes while it is read ends with an error, as far as that can be noticed" {
        here "lists.rs" crate::lists { sixteen_kinds_of_fault_at_every_tenth_page faults_at_every_kth_request faults_at_the_first_and_the_last_page faults_of_the_service_and_of_its_token_endpoint }
        here "numbered.rs" crate::numbered { faults_at_every_tenth_page_with_many_pages_at_once }
        elsewhere "sdk-core/tests/pagination/broken.rs" { an_item_that_does_not_fit_loses_no_other a_page_that_is_broken_inside_is_fetched_again items_that_were_handed_out_are_skipped_only_if_they_are_the_same a_token_within_a_page_notices_that_its_items_have_changed }
        elsewhere "sdk-core/tests/pagination/changes.rs" { an_item_that_goes_away_is_noticed an_item_that_comes_again_is_noticed_without_a_total }
    }
    "**Waits are bounded:** at most a fifth longer than the service asks for, never beyond the deadline, and never for a failure that is not retried" {
        here "lists.rs" crate::lists { sixteen_kinds_of_fault_at_every_tenth_page a_deadline_holds_against_retry_after }
        here "hostile/heads.rs" crate::hostile::heads { no_header_makes_a_client_wait_for_ever }
        elsewhere "sdk-core/tests/auth_oauth.rs" { no_retry_after_of_a_token_endpoint_ends_in_a_panic }
    }
    "**Timeouts:** a body that stalls fails after the idle timeout. Reading what has arrived lets other tasks of its thread run, so that their timeouts pass" {
        elsewhere "sdk-core/tests/timeouts.rs" { a_stalled_body_is_noticed_before_the_attempt_ends of_a_stream_only_the_idle_timeout_covers_the_body }
        elsewhere "sdk-core/tests/files.rs" { reading_lets_other_tasks_run }
        elsewhere "sdk-core/tests/pagination/broken.rs" { a_consumer_of_many_items_lets_other_tasks_run items_that_are_dropped_let_other_tasks_run }
    }
    "**Retry budget:** retries do not multiply an outage. There are at most half as many retries as successes, plus fifty" {
        here "load.rs" crate::load { ten_thousand_operations }
        elsewhere "sdk-core/src/retry/outage_test.rs" { an_outage_does_not_multiply_the_load }
    }
    "**Load:** memory stays constant, also if calls are cancelled; the number of connections is bounded by the calls in flight, and a token is fetched only when one is due" {
        here "load.rs" crate::load { ten_thousand_operations thousands_of_lists_at_once clients_that_come_and_go }
        elsewhere "sdk-core/src/auth/digest/nonces.rs" { long_nonces_of_cancelled_calls_take_little_memory }
    }
    "**Cancellation:** a caller can drop a call or a list at any point. Tokens, nonces, connections and files stay valid for the next call. Bodies are decoded on the caller's task, and no thread goes on decoding after the caller is gone" {
        here "cancellation.rs" crate::cancellation { a_call_can_be_dropped_wherever_it_waits callers_dropped_at_random_leave_everything_in_order decoding_starts_no_thread next_can_be_dropped_wherever_it_waits }
        here "runtimes.rs" crate::runtimes { a_body_whose_runtime_ends_is_an_error a_list_outlives_its_runtime a_call_without_a_runtime_harms_no_other }
        elsewhere "sdk-core/tests/pagination/prefetch.rs" { dropping_the_stream_cancels_what_is_under_way }
    }
    "**Token cache:** it is correct for every order of events: callers that start and leave, token requests that succeed, fail or are late, refused tokens, and runtimes that end or are not driven" {
        here "numbered.rs" crate::numbered { tokens_that_live_two_seconds a_clock_that_jumps }
        elsewhere "sdk-core/src/auth/tokens/cache/model.rs" { every_order_of_four_events long_random_orders }
        elsewhere "sdk-core/src/auth/tokens/cache/tests.rs" { a_fetch_in_an_idle_runtime_is_replaced a_background_refresh_in_an_idle_runtime_is_replaced }
        elsewhere "sdk-core/tests/auth_oauth.rs" { two_tokens_voided_under_concurrent_calls_end_none_of_them three_tokens_voided_in_one_call_do_not_shut_the_client_out }
    }
    "**Secrets: no secret leaks** through errors, panics, `Debug`, traces or logs of any level, metrics, URLs, `Referer` or retries, and no interceptor sees a credential. If a server refuses a request and repeats a secret of it, or a piece of eight letters and digits, then no text of the response is shown, also if it is escaped, cut or broken into lines" {
        here "secrets.rs" crate::secrets { a_secret_is_only_where_it_is_for what_a_server_repeats_is_not_shown what_is_printed_or_unwrapped_shows_no_secret }
        here "public_types.rs" crate::public_types { debug_of_every_public_type secrets_in_answers_are_hidden }
        elsewhere "sdk-core/tests/secrets.rs" { no_secret_gets_out no_secret_is_in_a_snapshot }
        elsewhere "sdk-core/tests/echoes.rs" { a_service_that_repeats_the_token a_token_endpoint_that_repeats_the_key an_innocent_refusal_is_kept_whole }
        elsewhere "sdk-core/tests/intercept.rs" { no_credential_is_seen_and_none_can_be_set what_a_service_repeats_is_not_shown_to_interceptors }
        elsewhere "tests/tests/observability.rs" { calls_are_measured_with_opentelemetry }
    }
    "**Output:** names, messages and other text from outside reach errors and logs on one line, shortened, and without control characters and marks of text direction" {
        elsewhere "sdk-core/tests/output.rs" { column_names resume_tokens settings refusals responses_that_do_not_decode }
        elsewhere "atlas-billing/tests/config.rs" { names_of_profiles_stay_on_one_line }
        elsewhere "ibm-usage-reports/tests/config_sources.rs" { names_from_outside_stay_on_one_line }
        elsewhere "sandbox/tests/it/refusals.rs" { a_message_is_one_short_line }
    }
    "**Credentials** are sent only to their service and its token endpoint. A pre-signed address receives none, and no header of an interceptor or of a call's options" {
        here "hostile/heads.rs" crate::hostile::heads { no_redirect_takes_a_credential_along }
        elsewhere "sdk-core/tests/downloads.rs" { the_address_is_asked_as_it_is_and_without_the_credential }
        elsewhere "sdk-core/tests/intercept.rs" { a_download_shows_no_address_and_takes_no_header }
        elsewhere "sdk-core/tests/options.rs" { a_download_has_no_header_of_the_call }
    }
    "**Addresses of files:** an address that a service hands out is refused if it is on this machine, link-local or in a private network, in any spelling, unless the service is on this machine as well or the program allows it. Plain http is only used to this machine, and only if the service is asked over plain http" {
        elsewhere "sdk-core/tests/downloads.rs" { addresses_that_are_not_public_are_refused addresses_that_are_public_are_asked addresses_that_are_not_public_can_be_allowed }
    }
    "**Memory of secrets:** it is wiped when the secret is dropped" {
        here "wiping.rs" crate::wiping { a_secret_is_wiped_when_it_is_dropped a_key_that_is_never_sent_is_nowhere_afterwards }
    }
    "**Files** are written completely or not at all, whenever the caller gives up. Until then they are new files with random names of 64 bits. Links are replaced and not followed" {
        here "hostile/files.rs" crate::hostile::files { places_of_downloads }
        elsewhere "sdk-core/tests/files.rs" { a_body_cut_short_is_not_saved a_download_that_is_given_up_leaves_nothing a_download_that_is_given_up_at_any_time_leaves_nothing a_link_is_replaced_and_not_followed a_file_that_is_not_regular_is_not_replaced }
    }
    "**File permissions:** on Unix a file keeps the permissions, the owner and the group of the file that it replaces, as far as the program may set them, and else has fewer permissions. It never runs as its owner or group. Access control lists are not kept" {
        elsewhere "sdk-core/tests/files.rs" { a_file_that_is_replaced_keeps_its_permissions a_file_that_is_replaced_keeps_its_owner_and_group_and_runs_as_nobody a_private_file_is_private_while_it_is_downloaded }
    }
    "**Local files:** a configuration file, profile file or token file is a regular file of at most 1 MiB and 80 levels. Any other is an error that names it, and no thread waits for it. A comment or a line end never becomes part of a key, and a file that every user can write is warned of. One of the working directory that another user may have written is refused unless it is named. A token file holds one token and nothing else, or it is not sent" {
        elsewhere "sdk-core/tests/auth_iam.rs" { a_token_file_is_a_regular_file the_token_file_is_read_for_every_exchange }
        elsewhere "sdk-core/src/config/environment.rs" { files a_file_that_everybody_can_write_is_warned_of }
        elsewhere "atlas-billing/tests/config.rs" { a_profile_file_that_is_nested_deeply_is_refused }
        elsewhere "ibm-usage-reports/tests/config_sources.rs" { the_grammar_of_files what_files_are_refused a_file_of_the_working_directory_that_another_user_may_have_written_is_refused }
        elsewhere "cli/tests/it/credentials.rs" { a_file_of_the_working_directory_is_told_of }
    }
    "**Supply chain:** the workspace has no build script and no unsafe code. Every dependency comes from the registry with its checksum, and so does everything that the tests install from PyPI and npm. The README states the number of crates. No client depends on the generator" {
        here "supply_chain.rs" crate::supply_chain { no_build_script_and_no_unsafe_code everything_comes_from_the_registry python_packages_of_the_gate_have_hashes node_packages_of_the_gate_have_hashes clients_have_one_version_of_each_crate clients_ask_for_few_features the_readme_counts_the_dependencies }
        elsewhere "tests/tests/walls.rs" { the_generator_never_reaches_a_client }
    }
    "**Bills that add up:** rows of FOCUS are called exact only if they come to what the bill says is to be paid, none of them lacks its cost, and none says that it is of another bill. A response that is another bill than was asked for is an error" {
        elsewhere "focus/tests/atlas/main.rs" { the_reconciliation_says_what_was_done_to_the_bill }
        elsewhere "focus/src/ibm/odd_bills.rs" { what_is_odd_about_a_bill_is_found_and_nothing_else }
        elsewhere "focus/src/ibm/tests.rs" { a_record_that_is_listed_twice_is_no_free_allowance a_right_sum_of_doubled_records_is_not_exact }
        elsewhere "focus/src/vendor/odd_rows.rs" { a_row_that_is_not_the_bills_is_not_added_and_the_bill_is_not_known_to_be_right }
        elsewhere "cli/tests/it/hostile.rs" { another_bill_than_was_asked_for_is_refused an_invoice_that_differs_from_its_list_is_read_again_and_is_not_right an_invoice_of_another_month_is_left_out a_limit_without_a_bill_is_not_kept }
    }
    "**Invalid specs:** any spec, however broken or large, is rejected with diagnostics" {
        here "fuzz.rs" crate::fuzz { seeds_and_mutations }
        elsewhere "codegen/tests/corpus.rs" { damaged_specs_are_diagnosed bad_specs_end_in_diagnostics large_specs_are_diagnosed nesting_and_references_are_diagnosed }
    }
    "**Text of specs:** no text of a spec, such as a title, a description or a link, becomes code of the client, of its tests or of its manifest" {
        elsewhere "codegen/tests/corpus.rs" { no_text_becomes_code }
        elsewhere "xtask/src/add_service/hostile_test.rs" { no_text_becomes_code }
        elsewhere "xtask/src/add_service/tests.rs" { texts_that_would_become_code_are_refused_and_nothing_is_written }
    }
    "**Sandbox:** a client that sends no request, or takes no response, keeps no connection for longer than 30 seconds. Each server has at most 1024 open connections; others wait" {
        elsewhere "sandbox/tests/it/slow_clients.rs" { half_open_connections_end a_body_that_does_not_arrive_ends_the_connection idle_connections_end a_response_that_is_not_read_ends_the_connection connections_beyond_the_limit_wait }
    }
    "**Fuzzing:** the fuzzer decodes every type of every service, and the tests run the same targets" {
        here "fuzz.rs" crate::fuzz { every_type_of_every_service_is_decoded the_fuzzer_has_the_same_targets hours_of_the_fuzzer }
    }
}

/// The table of `SECURITY.md`.
fn table() -> String {
    let mut table = String::from("| promise | test |\n|---|---|\n");
    for Promise { text, here, elsewhere } in PROMISES {
        let cells = here.iter().chain(*elsewhere).map(|(file, tests)| format!("`{file}` `{}`", tests.join("`, `")));
        let _ = writeln!(table, "| {text} | {} |", cells.collect::<Vec<_>>().join("; "));
    }
    table
}

#[test]
fn security_md_has_this_table() {
    assert!(read("SECURITY.md").contains(&table()), "this is the table of SECURITY.md now:\n\n{}", table());
}

/// A promise without a test is none.
#[test]
fn each_promise_has_a_test() {
    for Promise { text, here, elsewhere } in PROMISES {
        let tests: usize = here.iter().chain(*elsewhere).map(|(_, tests)| tests.len()).sum();
        assert!(tests > 0, "{text} has no test");
    }
}

/// The names of the tests of all programs, from the programs. It builds them, so the gate runs this after all tests.
#[test]
#[ignore = "builds the tests of the whole workspace"]
fn tests_of_other_programs_exist() {
    let listed = cargo(&["test", "--workspace", "--locked", "--tests", "--", "--list"]);
    let names = || listed.lines().filter_map(|line| line.strip_suffix(": test"));
    for (file, tests) in PROMISES.iter().flat_map(|promise| promise.elsewhere) {
        for test in *tests {
            let is_listed = names().any(|name| name.rsplit("::").next() == Some(test));
            assert!(is_listed, "{file}: no program has a test `{test}`");
        }
    }
}
