//! What the next page asks of the server before it is shown.

use leptos::prelude::*;
use send_wrapper::SendWrapper;
use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
};

type Answer = Pin<Box<dyn Future<Output = ()>>>;

/// The answers that a page which is not shown yet waits for; what it asks for later is not among them. There are none when
/// the page came from the server.
#[derive(Clone)]
pub struct Awaited(Arc<Mutex<Option<Vec<SendWrapper<Answer>>>>>);

impl Awaited {
    /// Nothing was asked yet.
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(Some(Vec::new()))))
    }

    /// Waits for all of them, those that fail too.
    pub async fn all(self) {
        let answers = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        for answer in answers.into_iter().flatten() {
            answer.take().await;
        }
    }
}

/// Lets a page that is not shown yet wait for what it asks for first.
pub fn awaited<T, S>(resource: Resource<T, S>)
where
    T: Clone + Send + Sync + 'static,
    S: 'static,
{
    let Some(Awaited(answers)) = use_context() else { return };
    if let Some(answers) = answers.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
        let answer: Answer = Box::pin(async move { drop(resource.await) });
        answers.push(SendWrapper::new(answer));
    }
}
