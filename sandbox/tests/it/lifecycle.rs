//! Starting and stopping.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use cloud_billing_sandbox::{Fault, Sandbox, Service};

use crate::client::{atlas, ibm};

fn port(url: &str) -> u16 {
    url.rsplit_once(':').unwrap().1.parse().unwrap()
}

#[tokio::test]
async fn sandboxes_run_side_by_side() {
    let (one, two) = tokio::join!(Sandbox::start(), Sandbox::start());
    let (one, two) = (one.unwrap(), two.unwrap());
    let (from_one, from_two) =
        tokio::join!(atlas(&one, "/api/atlas/v2/orgs").send(), ibm(&two, "/v4/accounts/a/usage/2023-05").send());
    assert_eq!((from_one.status, from_two.status), (200, 200));
    assert_eq!((one.requests().len(), one.requests()[0].service), (1, Service::Atlas));
    assert_eq!((two.requests().len(), two.requests()[0].service), (1, Service::Ibm));
    for service in Service::ALL {
        assert_ne!(one.url(service), two.url(service));
        assert!(one.url(service).starts_with("http://127.0.0.1:"));
    }
}

#[tokio::test]
async fn many_requests_at_once() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut requests = tokio::task::JoinSet::new();
    for _ in 0..50 {
        requests.spawn(atlas(&sandbox, "/api/atlas/v2/orgs").send());
    }
    let replies = requests.join_all().await;
    assert!(replies.iter().all(|reply| reply.status == 200));
    assert_eq!(sandbox.requests().len(), 50);
}

#[tokio::test]
async fn dropping_frees_the_ports() {
    let sandbox = Sandbox::start().await.unwrap();
    atlas(&sandbox, "/api/atlas/v2/orgs").send().await;
    let urls = [sandbox.atlas_url(), sandbox.ibm_url(), sandbox.downloads_url(), sandbox.ibm_enterprise_url()];
    let ports = urls.map(port);
    let idle = std::net::TcpStream::connect(("127.0.0.1", ports[0])).unwrap();
    let begin = Instant::now();
    drop(sandbox);
    assert!(begin.elapsed() < Duration::from_secs(5));
    drop(idle);
    for port in ports {
        assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err(), "somebody still listens on {port}");
    }
}

#[tokio::test]
async fn a_shutdown_can_be_awaited() {
    let sandbox = Sandbox::start().await.unwrap();
    let port = port(sandbox.atlas_url());
    sandbox.shutdown().await;
    assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err());
}

#[tokio::test]
async fn ports_can_be_chosen() {
    // Two free ports, which nobody else is likely to take in the meantime.
    let free = || port(&format!("x:{}", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()));
    let (atlas_port, ibm_port) = (free(), free());
    let sandbox = Sandbox::builder().atlas_port(atlas_port).ibm_port(ibm_port).start().await.unwrap();
    assert_eq!(sandbox.atlas_url(), format!("http://127.0.0.1:{atlas_port}"));
    assert_eq!(sandbox.ibm_url(), format!("http://127.0.0.1:{ibm_port}"));

    let taken = Sandbox::builder().ibm_port(ibm_port).start().await.unwrap_err();
    assert_eq!(taken.to_string(), format!("cannot listen on 127.0.0.1:{ibm_port} for ibm-usage-reports"));
    assert!(std::error::Error::source(&taken).is_some());
}

#[test]
fn no_runtime_is_needed_to_serve() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let sandbox = runtime.block_on(Sandbox::start()).unwrap();
    drop(runtime);
    let other = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let reply = other.block_on(atlas(&sandbox, "/api/atlas/v2/orgs").send());
    assert_eq!(reply.status, 200);
}

#[tokio::test]
async fn the_environment_points_at_the_sandbox() {
    let sandbox = Sandbox::start().await.unwrap();
    let environment = sandbox.environment();
    let value = |name: &str| environment.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str());
    assert_eq!(value("MONGODB_ATLAS_BASE_URL"), Some(sandbox.atlas_url()));
    assert_eq!(value("USAGE_REPORTS_URL"), Some(sandbox.ibm_url()));
    assert_eq!(value("USAGE_REPORTS_AUTH_TYPE"), Some("iam"));
    assert_eq!(value("USAGE_REPORTS_AUTH_URL"), Some(sandbox.ibm_url()));
    assert_eq!(value("USAGE_REPORTS_APIKEY"), Some(sandbox.ibm_api_key()));
    assert_eq!(value("ENTERPRISE_USAGE_REPORTS_URL"), Some(sandbox.ibm_enterprise_url()));
    assert_eq!(value("ENTERPRISE_USAGE_REPORTS_AUTH_URL"), Some(sandbox.ibm_url()));
    let (id, secret) = sandbox.atlas_service_account();
    assert_eq!((value("MONGODB_ATLAS_CLIENT_ID"), value("MONGODB_ATLAS_CLIENT_SECRET")), (Some(id), Some(secret)));
}

#[tokio::test]
async fn faults_are_aimed_at_what_there_is() {
    let running = Sandbox::start().await.unwrap();
    for (fault, operation) in [
        (Fault::status(503).on("getInvoices"), "getInvoices"),
        (Fault::status(503).on("getInvoice").of(Service::Ibm), "getInvoice"),
        (Fault::status(503).on("iamToken").of(Service::Atlas), "iamToken"),
    ] {
        let injected = running.inject(fault.clone()).unwrap_err();
        let built = Sandbox::builder().fault(fault).start().await.err().unwrap();
        for error in [injected, built] {
            let problem = format!("a fault is on `{operation}`, which is no operation of its service; ");
            assert!(error.to_string().starts_with(&problem), "{error}");
        }
    }
    for operation in
        ["oauthToken", "oauthRevoke", "iamToken", "vpcInstanceToken", "vpcIamToken", "downloadReport", "get_org_usage"]
    {
        assert!(Sandbox::builder().fault(Fault::status(503).on(operation)).start().await.is_ok(), "{operation}");
        assert!(running.inject(Fault::status(503).on(operation)).is_ok(), "{operation}");
    }
}
