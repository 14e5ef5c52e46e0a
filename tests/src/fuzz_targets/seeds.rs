//! The inputs that the targets begin with.

use std::path::PathBuf;

/// Any JSON, and what looks like it.
const JSON: [&str; 22] = [
    r#"{"a":{"b":[1,-0.50,2e2,null,true]},"c":"x\n\u00e9\ud83d\ude00","a":false}"#,
    r#"{"a":1.50,"b":null,"":-0}"#,
    "[true,false,null]",
    r#"["a","\u0041\/\b\f\t\r\\\"","é€😀"]"#,
    r#""\ud800""#,
    r#"{"\ud800":1}"#,
    r#"[{"\udc00\u1":[]}]"#,
    "12345678901234567890",
    "123456789012345678",
    "-0.000000000000000001",
    "1e400",
    "0.1e-7",
    "2147483648",
    "42.0",
    "256",
    "01",
    "-",
    "1.",
    r#""1.50""#,
    " [ ] ",
    "\"\u{1a}\"",
    r#"{"$serde_json::private::RawValue":"1"}"#,
];

/// Pages that lead on, and pages that do not.
const NEXT: [&str; 12] = [
    r#"{"limit":2,"resources":[{"account_id":"a"},{}],"next":{"href":"/v4?_limit=2&_start=a%2Fb","offset":"c"}}"#,
    r#"{"next":{"href":"https://x.example/v4?_start=a+b#c"},"resources":[null,{"next":{"offset":"d"}}]}"#,
    r#"{"resources":[],"next":{"href":null,"offset":"\u0061"},"count":1}"#,
    r#"{"resources":[{"next":{"offset":"no"}}],"next":null}"#,
    r#"{"next":{"offset":7},"resources":null}"#,
    r#"{"next":"c","resources":[]}"#,
    r#"{"resources":{"next":{"offset":"no"}}}"#,
    r#"{"results":[{"id":"a"},{"id":"b"}],"totalCount":3}"#,
    r#"{"links":[{"href":"x","rel":"self"}],"results":[{},{}]}"#,
    r#"{"links":[{"href":"x","rel":"next"}],"results":[{}]}"#,
    r#"{"results":[null,1],"links":[{"rel":"http://mms.mongodb.com/next"}]}"#,
    r#"{"results":[{"links":[{"rel":"next"}]}],"links":[]}"#,
];

/// The files of a directory whose names have this ending.
fn files(directory: &str, suffix: &str) -> Vec<Vec<u8>> {
    let root = crate::root().join(directory);
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(root).expect("a directory").map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    let paths = paths.into_iter().filter(|path| path.to_string_lossy().ends_with(suffix));
    paths.map(|path| std::fs::read(path).expect("a file")).collect()
}

fn texts(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

/// The seeds of a target: the payloads that the vendors document, the small specs of the generator's tests, and each input
/// that once broke the target (`fuzz/finds/<target>`).
///
/// # Panics
/// If a file cannot be read.
#[must_use]
pub fn seeds(target: &str) -> Vec<Vec<u8>> {
    let payloads =
        || [files("tests/payloads/atlas-billing", ".json"), files("tests/payloads/ibm-usage-reports", ".json")];
    let mut seeds = match target {
        "decode" => payloads().concat(),
        "json" => [texts(&JSON), payloads().concat()].concat(),
        "page" => payloads().concat(),
        "next" => texts(&NEXT),
        "csv" => {
            let prefixed = |file: Vec<u8>| [b"\x05".to_vec(), file].concat();
            let mut seeds: Vec<_> = files("tests/payloads/atlas-billing", ".csv").into_iter().map(prefixed).collect();
            seeds.extend(texts(&[
                "\x01a,b\n\"1\",2\n",
                "\x02\u{feff}a,b\r\n1,\"x\"\"y\"\r\n",
                "\x03Date,Amount\n,,,\n\"",
                "\x07\n\n\n",
            ]));
            seeds.push(
                b"\x04\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x4b\xd4\x49\xe2\x02\x00\xb7\x4c\x46\x1f\x04\x00\x00\x00"
                    .to_vec(),
            );
            seeds
        }
        "challenge" => texts(&[
            r#"Digest realm="MMS Public API", domain="", nonce="abc", algorithm=MD5, qop="auth", stale=false"#,
            r#"Digest realm="r", nonce="n\"x", qop="auth-int, auth", algorithm=SHA-256-sess, opaque="o", userhash=true"#,
            "Basic realm=\"x\", Digest realm=r,nonce=n,qop=auth\nBearer error=\"invalid_token\"",
            "Negotiate abc==, Digest nonce=n, charset=UTF-8",
        ]),
        "answer" => {
            let mut seeds = texts(&[
                "120",
                "Fri, 31 Dec 1999 23:59:59 GMT",
                "Friday, 31-Dec-99 23:59:59 GMT",
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{\"status\":200,\"content\":{\"statusName\":\"PENDING\"}}",
                "HTTP/1.1 200 OK\r\ncontent-length: 35\r\n\r\n{\"status\":404,\"content\":{\"error\":404}}",
                "HTTP/1.1 401 X\r\nwww-authenticate: Digest realm=r, nonce=n, qop=auth\r\ncontent-length: 2\r\n\r\n{}",
                "HTTP/1.1 302 Found\r\nlocation: https://example.com/?x=y\r\n\r\n",
                "HTTP/1.1 503 X\r\nretry-after: Fri, 31 Dec 2027 23:59:59 GMT\r\ndate: Fri, 31 Dec 2027 23:59:50 GMT\r\n\r\n<html><title>x</title>",
                "HTTP/1.1 429 X\r\nratelimit-limit: 5\r\nratelimit-remaining: 0\r\nratelimit-reset: 9\r\n\r\n{\"errorCode\":\"RATE_LIMITED\",\"detail\":\"x\"}",
                "HTTP/1.1 102 P\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
            ]);
            seeds.push(
                b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x4b\xd4\x49\xe2\x02\x00\xb7\x4c\x46\x1f\x04\x00\x00\x00"
                    .to_vec(),
            );
            seeds
        }
        "cursor" => texts(&[
            "https://billing.cloud.ibm.com/v4/accounts/a/resource_instances/usage/2026-05?_limit=7&_start=abc%2B1",
            "/v4/accounts/a?_start=x&_start=y#z",
            "?_start=%00%ff%zz&a=b",
            "https://user:pass@evil.example.com:99999/?_start=",
            "_start=+a b",
        ]),
        "credential_file" => texts(&[
            "USAGE_REPORTS_APIKEY=abc\nUSAGE_REPORTS_URL=https://example.com\n# x\n",
            "USAGE_REPORTS_AUTH_TYPE=iamAssume\r\nUSAGE_REPORTS_APIKEY=a\r\nUSAGE_REPORTS_IAM_PROFILE_ID=p\r\n",
            "\u{feff}export USAGE_REPORTS_APIKEY=a\nUSAGE_REPORTS_MAX_RETRIES=4\nUSAGE_REPORTS_RETRY_INTERVAL=0.5\n",
            "USAGE_REPORTS_DISABLE_SSL=true\nUSAGE_REPORTSX_URL = b\nUSAGE_REPORTS_AUTH_TYPE=vpc",
        ]),
        "vcap" => texts(&[
            r#"{"usage_reports":[{"name":"usage_reports","credentials":{"apikey":"k","url":"https://example.com"}}]}"#,
            r#"{"x":[{"name":"usage_reports","credentials":{"username":"u","password":"p"}}],"y":3}"#,
            r#"{"usage_reports":[{"credentials":{"iam_apikey":1,"AUTH_TYPE":"noAuth","DISABLE_SSL":true}}]}"#,
        ]),
        "profile" => texts(&[
            "[default]\nclient_id = \"a\"\nclient_secret = \"b\"\nservice = \"cloud\"\n",
            "telemetry_enabled = true\n[default]\npublic_api_key = \"a\"\nprivate_api_key = \"b\"\nops_manager_url = \"https://x\"\n",
            "[default]\nauth_type = \"user_account\"\naccess_token = 'x'\nservice = 'cloudgov'\n",
        ]),
        "values" => texts(&[
            "0",
            "-12.50",
            ".5",
            "1e-7",
            "1E+63",
            "9223372036854775808",
            "-0.00",
            "5.551115123125783e-17",
            "2026-05",
            "2026-02-28T23:59:60Z",
            "2023-05-01T00:00:00.000+0530",
            "2024-02-29",
            "+5",
            "0e64",
            r#"{"operation":"list","cursor":"a","taken":3}"#,
            r#"{"operation":"list","page":7}"#,
        ]),
        "spec" => [files("codegen/tests/corpus/good", ".yaml"), files("codegen/tests/corpus/bad", ".yaml")].concat(),
        _ => Vec::new(),
    };
    let finds = crate::root().join("fuzz/finds").join(target);
    if finds.is_dir() {
        seeds.extend(files(&format!("fuzz/finds/{target}"), ""));
    }
    seeds
}
