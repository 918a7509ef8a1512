//! Asks what verifies a release: the cluster's Prometheus and webhooks. What follows from the answers is decided elsewhere.

use std::time::Duration;

use compiler::plan::{Answer, Question, Release, ReleasePlan, Said};
use http::{Method, Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt, Limited};
use kube::client::Body;
use kube::{Client, Config};
use serde_json::{Value, json};

use crate::event::{Interrupt, now};

/// How long one answer may take, connecting included.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Bytes of an answer that are read: one value needs a few hundred.
const ANSWER_MAX: usize = 256 * 1024;
/// Characters of a reason that are kept, since it goes into the record and on to the terminal.
const REASON_MAX: usize = 200;

/// The answers to every question that is due.
pub(crate) async fn answers(release: &Release, interrupt: &Interrupt) -> Vec<Answer> {
    let mut answers = Vec::new();
    for (verification, batch) in release.due(now()) {
        if interrupt.is_set() {
            break;
        }
        let plan = &release.plan;
        let at_ns = now();
        let said = ask(plan, &plan.verifications[verification].question, batch, TIMEOUT).await;
        answers.push(Answer { verification, revision: plan.revision.clone(), batch, at_ns, said });
    }
    answers
}

async fn ask(plan: &ReleasePlan, question: &Question, batch: usize, within: Duration) -> Said {
    let asked = async {
        match question {
            Question::Prometheus { address, query, .. } => prometheus(address, query).await,
            Question::Webhook { address } => webhook(address, plan, batch).await,
        }
    };
    match tokio::time::timeout(within, asked).await {
        Ok(Ok(said)) => said,
        Ok(Err(reason)) => Said::Nothing(short(&reason)),
        Err(_) => Said::Nothing(format!("nothing within {} s", within.as_secs_f64())),
    }
}

/// The value of an instant query.
async fn prometheus(address: &str, query: &str) -> Result<Said, String> {
    let path = format!("/api/v1/query?query={}", escaped(query));
    let response = send(Method::GET, address, &path, Vec::new()).await?;
    let status = response.status();
    let body = Limited::new(response.into_body(), ANSWER_MAX).collect().await;
    let body = body.map_err(|error| format!("the answer cannot be read: {error}"))?.to_bytes();
    let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
    if !status.is_success() {
        let why = answer["error"].as_str().map(|error| format!(": {error}")).unwrap_or_default();
        return Err(format!("status {}{why}", status.as_u16()));
    }
    value(&answer)
}

/// The one value of an answer.
fn value(answer: &Value) -> Result<Said, String> {
    let result = &answer["data"]["result"];
    let sample = match answer["data"]["resultType"].as_str() {
        Some("scalar") => result,
        Some("vector") => match result.as_array().map(Vec::as_slice) {
            Some([one]) => &one["value"],
            Some([]) => return Err("no value".to_owned()),
            Some(several) => return Err(format!("{} values instead of one", several.len())),
            None => return Err("no answer of Prometheus".to_owned()),
        },
        Some(_) | None => return Err("no answer of Prometheus".to_owned()),
    };
    let number = sample[1].as_str().and_then(|text| text.parse::<f64>().ok());
    match number.ok_or("no answer of Prometheus")? {
        number if number.is_nan() => Err("NaN, as of nothing divided by nothing".to_owned()),
        number => Ok(Said::Value(number)),
    }
}

/// What a webhook says of a batch.
async fn webhook(address: &str, plan: &ReleasePlan, batch: usize) -> Result<Said, String> {
    let batch = json!({
        "namespace": plan.namespace,
        "component": plan.component,
        "revision": plan.revision,
        "batch": batch + 1,
    });
    let (uri, body) = (parsed(address)?, batch.to_string().into_bytes());
    let status = send(Method::POST, address, uri.path(), body).await?.status();
    let said = format!("status {}", status.as_u16());
    match status {
        status if status.is_success() => Ok(Said::Fine),
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => Err(said),
        status if status.is_client_error() => Ok(Said::Bad(said)),
        status if status.is_redirection() => Err(format!("{said}, and redirects are not followed")),
        _ => Err(said),
    }
}

/// One request to the host of an address, and to no other: no proxy, no redirect, no retry.
async fn send(method: Method, address: &str, path: &str, body: Vec<u8>) -> Result<Response<Body>, String> {
    let uri = parsed(address)?;
    let prefix = if method == Method::GET { uri.path().trim_end_matches('/') } else { "" };
    let origin = Uri::builder()
        .scheme(uri.scheme_str().unwrap_or("http"))
        .authority(uri.authority().map_or("", |authority| authority.as_str()))
        .path_and_query("/");
    let mut config = Config::new(origin.build().map_err(|error| error.to_string())?);
    config.default_retry = false;
    (config.connect_timeout, config.read_timeout) = (Some(TIMEOUT), Some(TIMEOUT));
    if uri.scheme_str() == Some("http") {
        // Without it the client looks for the certificates of the system, which need not be there.
        config.root_cert = Some(Vec::new());
    }
    let client = Client::try_from(config).map_err(|error| causes(&error))?;
    let request = Request::builder()
        .method(method)
        .uri(format!("{prefix}{path}"))
        .header("content-type", "application/json")
        .body(Body::from(body))
        .map_err(|error| error.to_string())?;
    client.send(request).await.map_err(|error| causes(&error))
}

fn parsed(address: &str) -> Result<Uri, String> {
    address.parse().map_err(|_| "the address cannot be read".to_owned())
}

/// An error with its causes, the last of which says what happened.
fn causes(error: &dyn std::error::Error) -> String {
    let all = std::iter::successors(Some(error), |error| error.source());
    let mut texts: Vec<String> = all.map(ToString::to_string).collect();
    // Each of kube's errors repeats its cause.
    texts.dedup_by(|later, earlier| earlier.contains(later.as_str()));
    texts.join(": ")
}

/// One line that a terminal can show.
fn short(reason: &str) -> String {
    let plain = reason.chars().map(|c| if c.is_control() { ' ' } else { c });
    plain.take(REASON_MAX).collect()
}

/// The query as a part of an address.
fn escaped(query: &str) -> String {
    let mut text = String::new();
    for byte in query.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                text.push(char::from(byte));
            }
            other => text.push_str(&format!("%{other:02X}")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::thread::JoinHandle;
    use std::time::Instant;

    use super::*;

    /// Answers one request after the other with these responses; gives the requests back.
    fn server(responses: Vec<String>) -> (String, JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("it is bound"));
        let served = std::thread::spawn(move || {
            let answered = responses.into_iter().map(|response| {
                let (mut stream, _) = listener.accept().expect("somebody asks");
                let mut request = String::new();
                let mut buffer = [0; 4096];
                while !is_whole(&request) {
                    let count = stream.read(&mut buffer).expect("a request");
                    request.push_str(&String::from_utf8_lossy(&buffer[..count]));
                }
                stream.write_all(response.as_bytes()).expect("the client listens");
                request
            });
            answered.collect()
        });
        (address, served)
    }

    fn is_whole(request: &str) -> bool {
        let Some((head, body)) = request.split_once("\r\n\r\n") else { return false };
        let lines = head.lines().filter_map(|line| line.split_once(": "));
        let mut length = lines.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
        let length = length.find_map(|(_, value)| value.parse::<usize>().ok());
        body.len() >= length.unwrap_or(0)
    }

    fn response(status: &str, body: &str) -> String {
        format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len())
    }

    fn vector(values: &str) -> String {
        response(
            "200 OK",
            &format!(r#"{{"status":"success","data":{{"resultType":"vector","result":[{values}]}}}}"#),
        )
    }

    fn plan() -> ReleasePlan {
        serde_json::from_value(json!({
            "component": "web", "namespace": "shop-test", "revision": "abc", "digest": "d", "objects": [],
            "count": { "fixed": 1 }, "batches": [], "surgePercent": 25, "unavailablePercent": 0,
            "deadlineNs": 1, "dependsOn": [],
        }))
        .expect("a plan as records have it")
    }

    async fn asked(question: &Question) -> Said {
        ask(&plan(), question, 1, TIMEOUT).await
    }

    fn query(address: &str) -> Question {
        let limit = compiler::app::AnswerLimit { below: true, written: "1%".into() };
        Question::Prometheus { address: address.to_owned(), query: r#"up{a="b c"}"#.to_owned(), limit }
    }

    fn reason(said: Said) -> String {
        let Said::Nothing(reason) = said else { panic!("{said:?} is no answer") };
        reason
    }

    #[tokio::test]
    async fn a_query_has_one_value_which_may_be_infinite() {
        let scalar = r#"{"status":"success","data":{"resultType":"scalar","result":[1.5,"3"]}}"#;
        let responses = vec![
            vector(r#"{"metric":{},"value":[1764000000.1,"0.25"]}"#),
            vector(r#"{"metric":{},"value":[1,"+Inf"]}"#),
            response("200 OK", scalar),
        ];
        let (address, served) = server(responses);
        let question = query(&format!("{address}/prometheus/"));
        assert_eq!(asked(&question).await, Said::Value(0.25));
        assert_eq!(asked(&question).await, Said::Value(f64::INFINITY));
        assert_eq!(asked(&question).await, Said::Value(3.0));
        let requests = served.join().expect("the server ends");
        let line = "GET /prometheus/api/v1/query?query=up%7Ba%3D%22b%20c%22%7D HTTP/1.1\r\n";
        assert!(requests[0].starts_with(line), "{}", requests[0]);
    }

    #[tokio::test]
    async fn what_is_no_value_is_no_answer_yet_and_says_why() {
        let one = r#"{"metric":{},"value":[1,"1"]}"#;
        let cases = [
            (vector(""), "no value"),
            (vector(&format!("{one},{one}")), "2 values"),
            (vector(r#"{"metric":{},"value":[1,"NaN"]}"#), "NaN"),
            (
                response("400 Bad Request", r#"{"status":"error","error":"parse\u001b error"}"#),
                "status 400: parse  error",
            ),
            (response("503 Service Unavailable", ""), "status 503"),
            (response("302 Found", ""), "status 302"),
            (response("200 OK", "<html>"), "no answer of Prometheus"),
            (response("200 OK", &" ".repeat(ANSWER_MAX + 1)), "the answer cannot be read"),
        ];
        let (responses, reasons): (Vec<String>, Vec<&str>) = cases.into_iter().unzip();
        let (address, served) = server(responses);
        for expected in reasons {
            let said = reason(asked(&query(&address)).await);
            assert!(said.starts_with(expected), "{said} is {expected}");
        }
        assert!(served.join().is_ok());
    }

    #[tokio::test]
    async fn a_webhook_is_told_the_batch_and_says_yes_or_no() {
        let statuses = ["204 No Content", "409 Conflict", "429 Too Many Requests", "502 Bad Gateway"];
        let (address, served) = server(statuses.map(|status| response(status, "")).into());
        let question = Question::Webhook { address: format!("{address}/smoke") };
        assert_eq!(asked(&question).await, Said::Fine);
        assert_eq!(asked(&question).await, Said::Bad("status 409".to_owned()));
        assert_eq!(reason(asked(&question).await), "status 429");
        assert_eq!(reason(asked(&question).await), "status 502");
        let requests = served.join().expect("the server ends");
        assert!(requests[0].starts_with("POST /smoke HTTP/1.1\r\n"), "{}", requests[0]);
        let body = requests[0].split_once("\r\n\r\n").map(|(_, body)| body);
        let body: Value = serde_json::from_str(body.unwrap_or_default()).expect("JSON");
        assert_eq!(
            body,
            json!({ "namespace": "shop-test", "component": "web", "revision": "abc", "batch": 2 })
        );
    }

    #[tokio::test]
    async fn a_redirect_leads_nowhere() {
        let elsewhere = TcpListener::bind("127.0.0.1:0").expect("a free port");
        elsewhere.set_nonblocking(true).expect("a socket");
        let there = elsewhere.local_addr().expect("it is bound");
        let moved = format!(
            "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://{there}/\r\ncontent-length: 0\r\n\r\n"
        );
        let (address, served) = server(vec![moved]);
        let said = reason(asked(&Question::Webhook { address }).await);
        assert_eq!(said, "status 307, and redirects are not followed");
        assert!(elsewhere.accept().is_err(), "nobody has asked elsewhere");
        assert!(served.join().is_ok());
    }

    #[tokio::test]
    async fn nobody_there_and_nobody_answering_are_no_answers() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("it is bound"));
        let began = Instant::now();
        let said = ask(&plan(), &query(&address), 0, Duration::from_millis(200)).await;
        assert_eq!(said, Said::Nothing("nothing within 0.2 s".to_owned()));
        assert!(began.elapsed() < TIMEOUT);
        drop(listener);
        let said = reason(asked(&query(&address)).await);
        assert!(said.to_lowercase().contains("refused"), "{said}");
    }
}
