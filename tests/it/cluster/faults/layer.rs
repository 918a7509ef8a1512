//! A layer between the runtime's client and the API server: it counts writes, and does to requests what networks,
//! servers and crashes do.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Method, Request, Response};
use http_body_util::BodyExt;
use kube::client::Body;
use serde_json::json;
use tokio::sync::{Notify, oneshot};
use tower::{BoxError, Layer, Service};

use super::random::Random;

/// What is done to one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// The run ends before the write is sent.
    CrashBefore,
    /// The run ends after the write has landed and before its answer is seen.
    CrashAfter,
    /// The run ends, and its write is sent when somebody says so.
    Zombie,
    /// The write lands, and its answer comes when somebody says so.
    LateAnswer,
    /// The write lands, and the client sees a broken connection.
    LostReply,
    /// 409 without being sent.
    Conflict,
    /// 429 with a time to come back after, without being sent.
    TooMany,
    /// 500 without being sent.
    Internal,
    /// 503 without being sent.
    Unavailable,
    /// The write lands, and the answer is 503.
    UnavailableLanded,
    /// The write is sent a while later.
    Delay,
    /// An earlier answer to the same read.
    StaleRead,
    /// The read is lost, and the client sees a broken connection.
    DroppedRead,
    /// The read is answered a while later.
    DelayedRead,
}

/// What happens to writes at random.
pub const OF_WRITES: &[Fault] = &[
    Fault::CrashBefore,
    Fault::CrashAfter,
    Fault::Zombie,
    Fault::LostReply,
    Fault::Conflict,
    Fault::TooMany,
    Fault::Internal,
    Fault::Unavailable,
    Fault::UnavailableLanded,
    Fault::Delay,
];

/// What happens to reads at random.
pub const OF_READS: &[Fault] = &[Fault::StaleRead, Fault::DroppedRead, Fault::DelayedRead];

/// How many earlier answers to one read may be served again.
const ANSWERS_KEPT: usize = 6;

/// When faults strike.
#[derive(Clone, Debug, Default)]
pub enum Schedule {
    /// Never.
    #[default]
    Never,
    /// At one write, counted from 1.
    At(u64, Fault),
    /// At random, as often in a thousand writes and reads.
    Random(Random, u64, u64),
}

/// A write, or its answer, that is held back.
pub struct Held {
    /// Method and path.
    pub what: String,
    release: oneshot::Sender<()>,
    answered: oneshot::Receiver<Option<u16>>,
}

impl Held {
    /// Lets it go on, and gives back the code of the answer; `None` if there was none.
    pub async fn release(self) -> Option<u16> {
        let _gone = self.release.send(());
        self.answered.await.ok().flatten()
    }
}

#[derive(Default)]
struct State {
    schedule: Schedule,
    writes: u64,
    reached: bool,
    struck: BTreeMap<Fault, u64>,
    held: Vec<Held>,
    answers: BTreeMap<String, VecDeque<Answer>>,
}

/// An answer that can be given again.
#[derive(Clone)]
struct Answer {
    code: u16,
    kind: Option<http::HeaderValue>,
    body: Vec<u8>,
}

/// The wire of one client; clones are the same wire.
#[derive(Clone, Default)]
pub struct Wire {
    state: Arc<Mutex<State>>,
    crash: Arc<Notify>,
}

impl Wire {
    /// Counts writes from 1 again, and lets faults strike.
    pub fn schedule(&self, schedule: Schedule) {
        let mut state = self.state();
        state.schedule = schedule;
        (state.writes, state.reached) = (0, false);
    }

    /// How many writes there were since the schedule began.
    pub fn writes(&self) -> u64 {
        self.state().writes
    }

    /// How often each fault has struck.
    pub fn struck(&self) -> BTreeMap<Fault, u64> {
        self.state().struck.clone()
    }

    /// What is held back and was not asked for yet.
    pub fn held(&self) -> Vec<Held> {
        std::mem::take(&mut self.state().held)
    }

    /// Comes back when the run must end.
    pub async fn crashed(&self) {
        self.crash.notified().await;
    }

    /// Whether a fault has struck since the schedule began.
    pub fn is_reached(&self) -> bool {
        self.state().reached
    }

    /// Comes back when it has.
    pub async fn reached(&self) {
        while !self.is_reached() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nobody panics with the lock")
    }

    /// The fault that strikes this request, and a random number for what it needs.
    fn fault(&self, write: bool, what: &str) -> Option<(Fault, u64)> {
        let mut state = self.state();
        state.writes += u64::from(write);
        let writes = state.writes;
        let known = state.answers.contains_key(what);
        let mut found = match &mut state.schedule {
            Schedule::Never => None,
            Schedule::At(at, fault) => (write && *at == writes).then_some((*fault, 0)),
            Schedule::Random(random, of_writes, of_reads) => {
                let (kinds, often) = if write { (OF_WRITES, *of_writes) } else { (OF_READS, *of_reads) };
                (random.below(1_000) < often).then(|| (*random.one_of(kinds), random.next()))
            }
        };
        if let Some((fault @ Fault::StaleRead, _)) = &mut found
            && !known
        {
            *fault = Fault::DelayedRead;
        }
        if let Some((fault, _)) = found {
            *state.struck.entry(fault).or_default() += 1;
            state.reached = true;
        }
        found
    }

    fn remember(&self, path: &str, answer: &Answer) {
        let mut state = self.state();
        let kept = state.answers.entry(path.to_owned()).or_default();
        kept.push_back(answer.clone());
        if kept.len() > ANSWERS_KEPT {
            kept.pop_front();
        }
    }

    fn earlier(&self, path: &str, random: u64) -> Option<Answer> {
        let state = self.state();
        let kept = state.answers.get(path)?;
        kept.get(random as usize % kept.len()).cloned()
    }

    /// The future of a run that has ended.
    async fn end(&self) -> Result<Response<Body>, BoxError> {
        self.crash.notify_one();
        std::future::pending().await
    }

    async fn send(
        self,
        (write, fault): (bool, Option<(Fault, u64)>),
        what: String,
        answer: impl Future<Output = Result<Answer, BoxError>> + Send + 'static,
    ) -> Result<Response<Body>, BoxError> {
        let Some((fault, random)) = fault else {
            let answer = answer.await?;
            // The answer to a dry run depends on what was asked.
            if !write && what.starts_with("GET ") {
                self.remember(&what, &answer);
            }
            return Ok(answer.response());
        };
        match fault {
            Fault::CrashBefore => self.end().await,
            Fault::CrashAfter => {
                let _unseen = answer.await;
                self.end().await
            }
            Fault::Zombie => {
                self.hold(what, answer);
                self.end().await
            }
            Fault::LateAnswer => {
                let landed = answer.await;
                let (shown, seen) = oneshot::channel();
                self.hold(what, async move {
                    let answer = landed?;
                    let _gone = shown.send(answer.clone());
                    Ok(answer)
                });
                Ok(seen.await.map_err(|_| broken())?.response())
            }
            Fault::LostReply => {
                let _unseen = answer.await;
                Err(broken())
            }
            Fault::DroppedRead => Err(broken()),
            Fault::Conflict => Ok(Answer::refusal(409, "Conflict").response()),
            Fault::TooMany => Ok(Answer::refusal(429, "TooManyRequests").response()),
            Fault::Internal => Ok(Answer::refusal(500, "InternalError").response()),
            Fault::Unavailable => Ok(Answer::refusal(503, "ServiceUnavailable").response()),
            Fault::UnavailableLanded => {
                let _unseen = answer.await;
                Ok(Answer::refusal(503, "ServiceUnavailable").response())
            }
            Fault::Delay | Fault::DelayedRead => {
                tokio::time::sleep(Duration::from_millis(50 + random % 2_000)).await;
                Ok(answer.await?.response())
            }
            Fault::StaleRead => match self.earlier(&what, random) {
                Some(earlier) => Ok(earlier.response()),
                None => Ok(answer.await?.response()),
            },
        }
    }

    /// Holds a request, or its answer, until it is released, whatever becomes of the run.
    fn hold(&self, what: String, answer: impl Future<Output = Result<Answer, BoxError>> + Send + 'static) {
        let (release, released) = oneshot::channel();
        let (answers, answered) = oneshot::channel();
        tokio::spawn(async move {
            // Dropped without being released, it is never sent.
            if released.await.is_ok() {
                let _nobody_asks = answers.send(answer.await.ok().map(|answer| answer.code));
            }
        });
        self.state().held.push(Held { what, release, answered });
    }
}

impl Answer {
    async fn of(
        response: Response<impl http_body_util::BodyExt<Error = BoxError>>,
    ) -> Result<Self, BoxError> {
        let (parts, body) = response.into_parts();
        let kind = parts.headers.get(http::header::CONTENT_TYPE).cloned();
        let body = body.collect().await?.to_bytes().to_vec();
        Ok(Self { code: parts.status.as_u16(), kind, body })
    }

    fn refusal(code: u16, reason: &str) -> Self {
        let status = json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": "made up by a test", "reason": reason, "code": code,
        });
        Self {
            code,
            kind: Some(http::HeaderValue::from_static("application/json")),
            body: status.to_string().into(),
        }
    }

    fn response(self) -> Response<Body> {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = http::StatusCode::from_u16(self.code).expect("a code of HTTP");
        response.headers_mut().extend(self.kind.map(|kind| (http::header::CONTENT_TYPE, kind)));
        if self.code == 429 {
            response.headers_mut().insert(http::header::RETRY_AFTER, http::HeaderValue::from_static("1"));
        }
        response
    }
}

fn broken() -> BoxError {
    Box::new(io::Error::new(io::ErrorKind::ConnectionReset, "connection reset by a test"))
}

impl<S> Layer<S> for Wire {
    type Service = Wired<S>;

    fn layer(&self, inner: S) -> Wired<S> {
        Wired { inner, wire: self.clone() }
    }
}

/// A service behind a wire.
pub struct Wired<S> {
    inner: S,
    wire: Wire,
}

impl<S, B> Service<Request<Body>> for Wired<S>
where
    S: Service<Request<Body>, Response = Response<B>, Error = BoxError>,
    S::Future: Send + 'static,
    B: BodyExt<Error = BoxError> + Send,
    B::Data: Send,
{
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let query = request.uri().query().unwrap_or_default();
        let read = request.method() == Method::GET || query.contains("dryRun=All");
        let what = format!("{} {}", request.method(), request.uri());
        let fault = self.wire.fault(!read, &what);
        // Nothing is sent before it is first polled.
        let response = self.inner.call(request);
        let answer = async move { Answer::of(response.await?).await };
        Box::pin(self.wire.clone().send((!read, fault), what, answer))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}
