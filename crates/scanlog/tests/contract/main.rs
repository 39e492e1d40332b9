//! What both engines promise, tested on both, and what each promises alone.

#![expect(clippy::unwrap_used, reason = "tests")]

mod cases;
mod embedded_only;
mod harness;
mod packing;
mod postgres_only;
mod property;

/// Makes three tests of each case: on a folder, on one whose days are packed, and on a schema of PostgreSQL.
macro_rules! on_both {
    ($($module:ident::$case:ident,)*) => {
        mod on_embedded {
            $(#[test] fn $case() { crate::harness::on_folder(crate::$module::$case); })*
        }
        mod on_packed {
            $(#[test] fn $case() { crate::harness::on_packed(crate::$module::$case); })*
        }
        mod on_postgres {
            $(#[test] fn $case() { crate::harness::on_schema(crate::$module::$case); })*
        }
    };
}

on_both! {
    cases::rows_come_back_as_they_were_in_order_of_arrival,
    cases::every_acknowledged_row_of_64_appenders_is_there_once_after_reopening,
    cases::an_event_is_stored_once_within_an_append_between_appends_and_after_reopening,
    cases::an_event_repeated_beyond_the_window_is_stored_again,
    cases::one_append_may_cross_midnight,
    cases::late_rows_stay_with_their_day_of_arrival_and_count_on_their_own,
    cases::areas_are_read_apart,
    cases::threads_read_each_scan_once,
    cases::event_ids_are_read_apart,
    cases::a_reader_may_stop,
    cases::chunks_are_bounded,
    cases::epochs_are_known_by_day,
    cases::whole_days_are_retired,
    cases::rows_survive_a_runtime_that_is_dropped,
    cases::a_full_queue_answers_busy_and_takes_more_later,
    cases::what_does_not_fit_is_refused_before_anything_is_written,
    cases::a_closed_log_answers_stopped,
    cases::dropping_the_log_writes_what_is_queued,
    property::any_sequence_of_appends_stores_each_event_once,
}
