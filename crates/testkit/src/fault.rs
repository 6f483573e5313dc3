//! Faults on demand: the nth matching request is refused, throttled, held up, cut short or left without an answer.

mod activity;
mod gate;
mod proxy;
mod target;

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

pub use gate::Gate;
pub use proxy::FaultProxy;
pub use target::Target;

use crate::http::{Reply, Request};
use crate::wildcard;

type Rewrite = Arc<dyn Fn(&Request, Reply) -> Reply + Send + Sync>;

type Predicate = Arc<dyn Fn(&Request) -> bool + Send + Sync>;

/// One fault: what happens, to which requests, how often. Without [`Fault::times`], [`Fault::nth`] or
/// [`Fault::always`] it happens to the first matching request only.
#[derive(Clone)]
pub struct Fault {
    effect: Effect,
    method: String,
    path: String,
    predicate: Option<Predicate>,
    window: Window,
}

/// What happens to a request.
#[derive(Clone)]
pub(crate) enum Effect {
    Reply(Reply),
    Rewrite(Rewrite),
    Reset,
    Delay(Duration),
    Gate(Gate),
    Truncate(usize),
    Halve,
    Lose,
    Hang,
    Slow(Duration),
    Interrupt(Target),
    Abandon(Target),
    Kill(Moment, Target),
    Hold(Target),
}

/// When a program is killed, seen from one of its requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    /// The request is not passed on.
    Before,
    /// The request is passed on, its answer is not.
    After,
    /// Half of the answer's body is passed on.
    Half,
    /// The whole answer is passed on, and so much time goes by.
    Answered(Duration),
}

impl fmt::Debug for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reply(reply) => f.debug_tuple("Reply").field(&reply.status).finish(),
            Self::Rewrite(_) => f.write_str("Rewrite"),
            Self::Reset => f.write_str("Reset"),
            Self::Delay(delay) => f.debug_tuple("Delay").field(delay).finish(),
            Self::Gate(_) => f.write_str("Gate"),
            Self::Truncate(bytes) => f.debug_tuple("Truncate").field(bytes).finish(),
            Self::Halve => f.write_str("Halve"),
            Self::Lose => f.write_str("Lose"),
            Self::Hang => f.write_str("Hang"),
            Self::Slow(pause) => f.debug_tuple("Slow").field(pause).finish(),
            Self::Interrupt(_) => f.write_str("Interrupt"),
            Self::Abandon(_) => f.write_str("Abandon"),
            Self::Hold(_) => f.write_str("Hold"),
            Self::Kill(moment, _) => f.debug_tuple("Kill").field(moment).finish(),
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Window {
    First(u64),
    Nth(u64),
    From(u64),
    Always,
}

impl Fault {
    fn new(effect: Effect) -> Self {
        Self { effect, method: "*".to_owned(), path: "*".to_owned(), predicate: None, window: Window::First(1) }
    }

    /// Answers with a status and an empty body instead of passing the request on.
    pub fn status(status: u16) -> Self {
        Self::new(Effect::Reply(Reply::new(status)))
    }

    /// Answers with `reply` instead of passing the request on.
    pub fn reply(reply: Reply) -> Self {
        Self::new(Effect::Reply(reply))
    }

    /// Answers 429 with a `retry-after` of that many seconds.
    pub fn throttle(seconds: u32) -> Self {
        Self::reply(Reply::new(429).with_header("retry-after", seconds.to_string()))
    }

    /// Passes the request on and answers with what `rewrite` makes of the answer.
    pub fn rewrite(rewrite: impl Fn(&Request, Reply) -> Reply + Send + Sync + 'static) -> Self {
        Self::new(Effect::Rewrite(Arc::new(rewrite)))
    }

    /// Resets the connection without an answer; the request is not passed on.
    pub fn reset() -> Self {
        Self::new(Effect::Reset)
    }

    /// Passes the request on after `delay`.
    pub fn delay(delay: Duration) -> Self {
        Self::new(Effect::Delay(delay))
    }

    /// Passes the request on once the gate is open. Another fault that concerns the request too happens to it then.
    pub fn gate(gate: &Gate) -> Self {
        Self::new(Effect::Gate(gate.clone()))
    }

    /// Passes the request on, but cuts the connection after that many bytes of the answer's body.
    pub fn truncate(bytes: usize) -> Self {
        Self::new(Effect::Truncate(bytes))
    }

    /// Passes the request on and resets the connection instead of answering: what was done is not told.
    pub fn lose() -> Self {
        Self::new(Effect::Lose)
    }

    /// Passes the request on and never answers.
    pub fn hang() -> Self {
        Self::new(Effect::Hang)
    }

    /// Passes the request on, and stops for `pause` in the middle of the answer's body.
    pub fn slow(pause: Duration) -> Self {
        Self::new(Effect::Slow(pause))
    }

    /// Sends SIGINT to the program, then passes the request on as usual.
    pub fn interrupt(target: &Target) -> Self {
        Self::new(Effect::Interrupt(target.clone()))
    }

    /// Sends SIGINT to the program, then passes the request on and never answers.
    pub fn abandon(target: &Target) -> Self {
        Self::new(Effect::Abandon(target.clone()))
    }

    /// Kills the program at some moment of the request.
    pub fn kill(moment: Moment, target: &Target) -> Self {
        Self::new(Effect::Kill(moment, target.clone()))
    }

    /// Passes the request on, and answers once the program has been killed: it cannot end before.
    pub fn hold(target: &Target) -> Self {
        Self::new(Effect::Hold(target.clone()))
    }

    /// Passes the request on, but cuts the connection in the middle of the answer's body.
    pub fn halve() -> Self {
        Self::new(Effect::Halve)
    }

    /// Restricts the fault to a method (`*`: any) and a path pattern (`*` matches any text, `/` included).
    #[must_use]
    pub fn on(mut self, method: &str, path: &str) -> Self {
        method.clone_into(&mut self.method);
        path.clone_into(&mut self.path);
        self
    }

    /// Restricts the fault to requests that satisfy `predicate` as well.
    #[must_use]
    pub fn matching(mut self, predicate: impl Fn(&Request) -> bool + Send + Sync + 'static) -> Self {
        self.predicate = Some(Arc::new(predicate));
        self
    }

    /// Applies the fault to the nth matching request only, counted from 1.
    #[must_use]
    pub fn nth(mut self, nth: u64) -> Self {
        self.window = Window::Nth(nth);
        self
    }

    /// Applies the fault to the first `times` matching requests.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.window = Window::First(times);
        self
    }

    /// Applies the fault to the nth matching request and all later ones.
    #[must_use]
    pub fn from(mut self, nth: u64) -> Self {
        self.window = Window::From(nth);
        self
    }

    /// Applies the fault to every matching request.
    #[must_use]
    pub fn always(mut self) -> Self {
        self.window = Window::Always;
        self
    }

    fn concerns(&self, request: &Request) -> bool {
        wildcard::matches(&self.method, &request.method)
            && wildcard::matches(&self.path, &request.path)
            && self.predicate.as_ref().is_none_or(|predicate| predicate(request))
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { effect, method, path, window, .. } = self;
        write!(f, "{effect:?} on {method} {path}, {window:?}")
    }
}

impl Window {
    fn contains(self, nth: u64) -> bool {
        match self {
            Self::First(times) => nth <= times,
            Self::Nth(wanted) => nth == wanted,
            Self::From(first) => nth >= first,
            Self::Always => true,
        }
    }
}

/// The faults of one server, shared with whoever holds a clone.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    armed: Arc<Mutex<Vec<Armed>>>,
    seen: Arc<Mutex<Vec<Seen>>>,
    open: Arc<AtomicUsize>,
}

/// A request as the faults' server saw it.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The request.
    pub request: Request,
    /// When it arrived.
    pub at: Instant,
    /// What happened to it instead of the usual, if anything.
    pub fired: Option<String>,
    /// The length of the answer's body, once there is one.
    pub answer: Arc<OnceLock<usize>>,
}

/// What shall happen to a request, and where the length of its answer is noted.
pub(crate) struct Taken {
    /// Where it waits before.
    pub(crate) gates: Vec<Gate>,
    pub(crate) effect: Option<Effect>,
    pub(crate) answer: Arc<OnceLock<usize>>,
}

/// Counts a request that is being handled, from its arrival to the end of what it does.
#[derive(Debug)]
pub(crate) struct Handling(Arc<AtomicUsize>);

impl Drop for Handling {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

#[derive(Debug)]
struct Armed {
    fault: Fault,
    seen: u64,
}

impl Faults {
    /// Arms a fault. Where several apply to a request, the first one added wins; all gates hold.
    pub fn add(&self, fault: Fault) {
        self.lock().push(Armed { fault, seen: 0 });
    }

    /// Disarms all faults.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// Counts the request against every fault that concerns it and returns what shall happen.
    pub(crate) fn take(&self, request: &Request) -> Taken {
        let (mut gates, mut chosen) = (Vec::new(), None);
        for armed in self.lock().iter_mut().filter(|armed| armed.fault.concerns(request)) {
            armed.seen += 1;
            match &armed.fault.effect {
                _ if !armed.fault.window.contains(armed.seen) => {}
                Effect::Gate(gate) => gates.push(gate.clone()),
                effect => {
                    chosen.get_or_insert_with(|| effect.clone());
                }
            }
        }
        let fired = chosen.as_ref().map(|effect| format!("{effect:?}"));
        let answer = Arc::<OnceLock<usize>>::default();
        let seen = Seen { request: request.clone(), at: Instant::now(), fired, answer: Arc::clone(&answer) };
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(seen);
        Taken { gates, effect: chosen, answer }
    }

    /// Returns the requests that arrived so far, and forgets them.
    pub fn drain(&self) -> Vec<Seen> {
        std::mem::take(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until no request is being handled: what a dead program had sent is done then.
    pub fn settle(&self) {
        while self.open.load(Ordering::Acquire) > 0 {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Counts a request as being handled until the value is dropped.
    pub(crate) fn handling(&self) -> Handling {
        self.open.fetch_add(1, Ordering::AcqRel);
        Handling(Arc::clone(&self.open))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Armed>> {
        self.armed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
