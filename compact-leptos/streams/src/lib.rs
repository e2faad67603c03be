//! Streams of browsers as streams here, and the other way round: what the library's server functions name of the crate
//! `wasm-streams`, whose place this takes. That crate exports classes to JavaScript, and whatever is exported is sent to
//! every reader, 3.6 kB (compressed) of it, also where no server function streams anything. This one exports nothing.

use futures_util::{
    Stream, StreamExt,
    stream::{LocalBoxStream, unfold},
};
use js_sys::{Object, Reflect};
use std::{cell::RefCell, rc::Rc};
use wasm_bindgen::{JsValue, closure::Closure};
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::{ReadableStreamDefaultController, ReadableStreamDefaultReader};

/// A stream of a browser.
#[derive(Debug)]
pub struct ReadableStream(web_sys::ReadableStream);

impl ReadableStream {
    /// It, as the browser has it.
    pub fn from_raw(raw: web_sys::ReadableStream) -> Self {
        Self(raw)
    }

    /// It, for the browser.
    pub fn into_raw(self) -> web_sys::ReadableStream {
        self.0
    }

    /// What comes out of it. An error is the last that comes; so is that somebody else reads it already.
    pub fn into_stream(self) -> LocalBoxStream<'static, Result<JsValue, JsValue>> {
        let reader = ReadableStreamDefaultReader::new(&self.0);
        unfold(Some(reader), |reader| async {
            let reader = match reader? {
                Ok(reader) => reader,
                Err(error) => return Some((Err(error), None)),
            };
            match next(&reader).await {
                Ok(Some(value)) => Some((Ok(value), Some(Ok(reader)))),
                Ok(None) => None,
                Err(error) => Some((Err(error), None)),
            }
        })
        .boxed_local()
    }

    /// A stream whose pieces the browser asks for one after another.
    ///
    /// # Panics
    /// In a browser that has no streams.
    pub fn from_stream(stream: impl Stream<Item = Result<JsValue, JsValue>> + 'static) -> Self {
        let stream = Rc::new(RefCell::new(Some(stream.boxed_local())));
        let pull = Closure::<dyn Fn(ReadableStreamDefaultController) -> js_sys::Promise>::new(
            move |controller: ReadableStreamDefaultController| {
                let place = stream.clone();
                future_to_promise(async move {
                    // The browser asks for the next one only when this is done.
                    let Some(mut stream) = place.take() else { return Ok(JsValue::UNDEFINED) };
                    match stream.next().await {
                        Some(Ok(value)) => {
                            place.replace(Some(stream));
                            controller.enqueue_with_chunk(&value)?;
                        }
                        Some(Err(error)) => controller.error_with_e(&error),
                        None => controller.close()?,
                    }
                    Ok(JsValue::UNDEFINED)
                })
            },
        );
        let source = Object::new();
        let made = Reflect::set(&source, &"pull".into(), &pull.into_js_value())
            .and_then(|_| web_sys::ReadableStream::new_with_underlying_source(&source));
        Self(made.expect("a browser with streams"))
    }
}

async fn next(reader: &ReadableStreamDefaultReader) -> Result<Option<JsValue>, JsValue> {
    let answer = JsFuture::from(reader.read()).await?;
    let is_over = Reflect::get(&answer, &"done".into())?.is_truthy();
    Ok(if is_over { None } else { Some(Reflect::get(&answer, &"value".into())?) })
}
