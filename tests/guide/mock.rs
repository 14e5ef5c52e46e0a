// tests/mock.rs
use ibm_usage_reports::mock::MockResponse;
use ibm_usage_reports::types::AccountId;
use ibm_usage_reports::{Client, Decimal, HttpClient};

#[tokio::test]
async fn only_billable_instances_count() {
    let http = HttpClient::mock(|request| {
        assert_eq!(request.path(), "/v4/accounts/a/resource_instances/usage/2026-07");
        let records = r#"{"resources": [
            {"billable": true, "usage": [{"cost": 0.10}, {"cost": 0.20}]},
            {"billable": false, "usage": [{"cost": 99}]}
        ]}"#;
        MockResponse::json(200, records)
    });
    let client = Client::builder().http_client(http).bearer_token("any").build().unwrap();
    let cost = bills::cost(&client, &AccountId::new("a"), "2026-07".parse().unwrap()).await.unwrap();
    assert_eq!(cost, "0.3".parse::<Decimal>().unwrap());
}
