//! Bodies of which is known how much was taken.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// How much is handed over at once. A body of this size moves in one step.
pub const STEP: usize = 256 * 1024;

/// How much of a body was taken to be sent.
#[derive(Debug, Clone)]
pub(super) struct Progress {
    sent: Arc<AtomicUsize>,
    length: usize,
}

impl Progress {
    pub(super) fn sent(&self) -> usize {
        self.sent.load(Ordering::Relaxed)
    }

    pub(super) fn is_complete(&self) -> bool {
        self.sent() == self.length
    }
}

/// A body; a small one has no progress to look at.
pub(super) fn of(bytes: &Bytes) -> (SdkBody, Option<Progress>) {
    if bytes.len() <= STEP {
        return (SdkBody::from(bytes.clone()), None);
    }
    let progress = Progress { sent: Arc::default(), length: bytes.len() };
    let steps = Steps { rest: bytes.clone(), sent: Arc::clone(&progress.sent) };
    (SdkBody::from_body_1_x(steps), Some(progress))
}

/// A body in steps.
struct Steps {
    rest: Bytes,
    sent: Arc<AtomicUsize>,
}

impl Body for Steps {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        let length = self.rest.len().min(STEP);
        let step = self.rest.split_to(length);
        self.sent.fetch_add(length, Ordering::Relaxed);
        Poll::Ready(Some(Ok(Frame::data(step))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.len() as u64)
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    #[tokio::test]
    async fn a_body_is_sent_whole_and_counted() {
        for length in [0, 1, STEP, STEP + 1, 3 * STEP] {
            let bytes = Bytes::from(vec![7; length]);
            let (body, progress) = of(&bytes);
            assert_eq!(body.content_length(), Some(length as u64));
            assert_eq!(body.collect().await.unwrap().to_bytes(), bytes);
            assert!(progress.is_none_or(|progress| progress.is_complete() && progress.sent() == length));
        }
    }
}
