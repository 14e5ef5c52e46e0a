//! The trials, in part; the program tries all of it.

use std::sync::Arc;

use cloud_billing_lake::Lake;
use lake_trial::compacted;
use lake_trial::kill::Program;
use lake_trial::trials::{self, Amount};
use object_store::memory::InMemory;

const AMOUNT: Amount = Amount { kills: 8, pairs: 4, stride: 29, seed: 7 };

fn program() -> Program {
    Program::new(env!("CARGO_BIN_EXE_lake-trial"))
}

#[tokio::test]
async fn a_killed_sync_is_taken_up_again() {
    trials::killed(&program(), AMOUNT).await.unwrap();
}

#[tokio::test]
async fn two_syncs_at_once_come_to_one_lake() {
    trials::pairs(&program(), AMOUNT).await.unwrap();
}

#[tokio::test]
async fn without_space_nothing_is_lost() {
    trials::no_space(&program()).await.unwrap();
}

#[tokio::test]
async fn a_store_may_fail_at_any_call() {
    trials::failing(AMOUNT).await.unwrap();
}

#[tokio::test]
async fn folders_and_memory_are_the_same() {
    let folder = tempfile::tempdir().unwrap();
    trials::any_store(&Lake::folder(folder.path()).unwrap().part_size(5_000)).await.unwrap();
    trials::any_store(&Lake::new(Arc::new(InMemory::new())).part_size(5_000)).await.unwrap();
}

#[tokio::test]
async fn the_clock_may_jump() {
    trials::clock().await.unwrap();
}

#[tokio::test]
async fn an_account_that_fails_stops_no_other() {
    trials::broken_account().await.unwrap();
}

#[tokio::test]
async fn a_killed_compaction_harms_nothing() {
    compacted::killed(&program(), AMOUNT).await.unwrap();
}

#[tokio::test]
async fn a_compaction_may_fail_at_any_call() {
    compacted::failing(AMOUNT).await.unwrap();
}
